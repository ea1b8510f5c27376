// Package config knows every setting of Muster and what is in force.
//
// The settings are one table (settings.go): name, default, kind and help. The
// TOML file, the environment, `muster config check` and `muster config dump`
// all follow from it. A setting such as limits.rows stands in the file as
//
//	[limits]
//	rows = 1000000
//
// and in the environment as MUSTER_LIMITS_ROWS, which outranks the file. The
// file is the one that MUSTER_CONFIG names, else muster.toml in the current
// folder, if there is one. Nothing is passed over silently: an unknown key or
// a value that does not fit is a Problem with the line where it stands, and
// nobody works with a configuration that has one.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"muster/internal/suggest"
)

// DefaultFile is read where MUSTER_CONFIG names no other, if it is there.
const DefaultFile = "muster.toml"

// fileVariable names the file.
const fileVariable = "MUSTER_CONFIG"

// TokenVariable has the token that the command shows to a server.
const TokenVariable = "MUSTER_TOKEN"

// Config is what is in force. It is not changed once it is loaded.
type Config struct {
	File   string // that was read; none is ""
	values map[string]Value
}

// Value is what is in force of one setting.
type Value struct {
	Setting
	Text string // as in the environment
	From string // "default", the environment variable, or file and line
}

// Problem is something wrong with the configuration.
type Problem struct {
	Where   string // file and line, or the environment variable
	Message string
	Warning bool // it keeps nothing from working
}

func (p Problem) String() string { return p.Where + ": " + p.Message }

// Load reads the configuration from the file and from an environment of
// NAME=value texts. The problems are all that is wrong with it; the error tells
// that the file itself could not be read.
func Load(environment []string) (*Config, []Problem, error) {
	env := map[string]string{}
	for _, text := range environment {
		name, value, _ := strings.Cut(text, "=")
		env[name] = value
	}
	c := &Config{values: map[string]Value{}}
	for _, s := range Settings() {
		c.values[s.Name] = Value{s, s.Default, "default"}
	}
	problems, err := c.readFile(env[fileVariable])
	if err != nil {
		return nil, nil, err
	}
	return c, append(problems, c.readEnvironment(env)...), nil
}

func (c *Config) readFile(path string) ([]Problem, error) {
	asked := path != ""
	if !asked {
		path = DefaultFile
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the configuration cannot be read: %w", err)
	}
	c.File = path
	entries, problems := parse(path, string(text))
	for _, e := range entries {
		if p := c.set(e.name, e.text, fmt.Sprintf("%s:%d", path, e.line), e.problem); p != "" {
			problems = append(problems, Problem{Where: fmt.Sprintf("%s:%d", path, e.line), Message: p})
		}
	}
	return problems, nil
}

func (c *Config) readEnvironment(env map[string]string) (problems []Problem) {
	byVariable := map[string]string{}
	for _, s := range Settings() {
		variable := s.Variable()
		byVariable[variable] = s.Name
		text, given := env[variable]
		if !given || text == "" {
			continue
		}
		if p := c.set(s.Name, text, variable, ""); p != "" {
			problems = append(problems, Problem{Where: variable, Message: p})
		}
	}
	return append(problems, strangers(env, byVariable)...)
}

// set brings a value into force, or says what is wrong with it.
func (c *Config) set(name, text, from, problem string) string {
	v, known := c.values[name]
	if !known {
		return "there is no setting " + name + nearest(name, c.names())
	}
	if problem == "" {
		problem = v.problemOf(text)
	}
	if problem != "" {
		return name + " " + problem
	}
	v.Text, v.From = text, from
	c.values[name] = v
	return ""
}

func (c *Config) names() (names []string) {
	for name := range c.values {
		names = append(names, name)
	}
	return names
}

func nearest(name string, known []string) string {
	if near, ok := suggest.Nearest(name, known); ok {
		return "; did you mean " + near + "?"
	}
	return ""
}

// Text returns the text of a setting. An unknown name is a mistake of the program.
func (c *Config) Text(name string) string {
	v, ok := c.values[name]
	if !ok {
		panic("config: there is no setting " + name)
	}
	return v.Text
}

// Number returns a setting that is a number.
func (c *Config) Number(name string) int {
	n, err := strconv.Atoi(c.Text(name))
	if err != nil {
		panic("config: the setting " + name + " is no number")
	}
	return n
}

// Networks returns a setting that is a list of networks.
func (c *Config) Networks(name string) []netip.Prefix {
	list, err := networks(c.Text(name))
	if err != nil {
		panic("config: the setting " + name + " is no list of networks")
	}
	return list
}

// Values returns what is in force, in the order of the table.
func (c *Config) Values() (list []Value) {
	for _, s := range Settings() {
		list = append(list, c.values[s.Name])
	}
	return list
}
