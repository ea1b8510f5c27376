package cli

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"muster/internal/directory"
	"muster/internal/secret"
)

func number(n int64) string { return strconv.FormatInt(n, 10) }

// fieldFlags makes a flag for each field of a user, from the directory's table.
// One that is not given is nil.
func fieldFlags() kong.Plugins {
	var fields []reflect.StructField
	for _, f := range settable() {
		fields = append(fields, reflect.StructField{Name: "Field" + strconv.Itoa(int(f)), Type: flagType(f), Tag: flagTag(f)})
	}
	return kong.Plugins{reflect.New(reflect.StructOf(fields)).Interface()}
}

// settable are the fields that a person sets: all but the address, which names
// the user, and the origin.
func settable() []directory.Field {
	return slices.DeleteFunc(directory.Fields(), func(f directory.Field) bool {
		return f == directory.Address || f == directory.Origin
	})
}

func flagType(f directory.Field) reflect.Type {
	if f.Spec().Kind == directory.Flag {
		return reflect.TypeFor[*bool]()
	}
	return reflect.TypeFor[*string]()
}

func flagTag(f directory.Field) reflect.StructTag {
	spec := f.Spec()
	help := strings.ToUpper(spec.Help[:1]) + spec.Help[1:] + "."
	tag := fmt.Sprintf("name:%q help:%q group:%q", flagName(spec.Name), help, "fields")
	if spec.Kind == directory.Flag {
		return reflect.StructTag(tag + ` negatable:""`)
	}
	return reflect.StructTag(tag + ` placeholder:"TEXT"`)
}

// flagName is the flag of a field: its name with hyphens.
func flagName(field string) string { return strings.ReplaceAll(field, "_", "-") }

// userFlags are the flags of add and set.
type userFlags struct {
	Fields kong.Plugins `embed:""`

	Alias     []string `help:"Further address, added to those there are." placeholder:"ADDRESS" sep:"none"`
	Group     []string `help:"Group that the user joins." placeholder:"PATH" sep:"none"`
	Delegate  []string `help:"User whose mailbox this user may open." placeholder:"ADDRESS" sep:"none"`
	Attribute []string `help:"Extra value; NAME= takes it away." placeholder:"NAME=VALUE" sep:"none"`
	Clear     []string `help:"Field to empty; alias, group or delegate: those given are the only ones." placeholder:"FIELD"`

	PasswordStdin    bool   `help:"Read the password from standard input." xor:"password"`
	PasswordFile     string `help:"Read the password from a file." placeholder:"FILE" xor:"password"`
	PasswordHashFile string `help:"Read a ready hash, such as {ARGON2ID}…, from a file." placeholder:"FILE" xor:"password"`
	GeneratePassword bool   `help:"Generate a password and print it once." xor:"password"`
}

// record is what the flags want of a user.
func (f *userFlags) record(s *session) (*directory.Record, error) {
	r := &directory.Record{Generate: f.GeneratePassword, Column: flagOf,
		Aliases: list(f.Alias, "--alias"), Groups: list(f.Group, "--group"), Delegates: list(f.Delegate, "--delegate")}
	given := reflect.ValueOf(f.Fields[0]).Elem()
	for i, field := range settable() {
		if v := given.Field(i); !v.IsNil() {
			f.set(r, field, fmt.Sprint(v.Elem().Interface()))
		}
	}
	for _, name := range f.Clear {
		if err := clearField(r, name); err != nil {
			return nil, err
		}
	}
	for _, text := range f.Attribute {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			return nil, usage("--attribute is NAME=VALUE, not %q", text)
		}
		r.Attributes = append(r.Attributes, directory.Attribute{Name: name, Value: cmp.Or(value, directory.Clear)})
	}
	return r, f.secrets(s, r)
}

// flagOf names the flag under which a value stood, for messages.
func flagOf(name string) string {
	switch name {
	case "":
		return ""
	case "address", "id":
		return "ADDRESS"
	case "account.address":
		return "--account"
	case "password", "password_hash", "account.password", "account.incoming_password", "account.outgoing_password":
		return "password"
	}
	return "--" + strings.TrimRight(flagName(strings.TrimPrefix(name, "account.")), "0123456789")
}

func list(items []string, flag string) (l directory.List) {
	for _, text := range items {
		l.Items = append(l.Items, directory.Item{Text: text, Column: flag})
	}
	return l
}

// set brings a flag into the record. Outer blanks say nothing, as in a file.
func (f *userFlags) set(r *directory.Record, field directory.Field, text string) {
	text = strings.TrimSpace(text)
	if strings.EqualFold(text, directory.Clear) {
		r.Cleared[field] = true
		return
	}
	r.Values[field] = text
}

func clearField(r *directory.Record, name string) error {
	switch name {
	case "alias", "aliases":
		r.Aliases.Only = true
		return nil
	case "group", "groups":
		r.Groups.Only = true
		return nil
	case "delegate", "delegates":
		r.Delegates.Only = true
		return nil
	}
	field, known := directory.FieldNamed(strings.ReplaceAll(name, "-", "_"))
	if !known || !slices.Contains(settable(), field) {
		return usage("--clear: there is no field %q", name)
	}
	if r.Values[field] != "" {
		return usage("--clear %s and --%s do not go together", name, flagName(field.String()))
	}
	r.Cleared[field] = true
	return nil
}

// secrets reads the password or the hash, if one is given.
func (f *userFlags) secrets(s *session, r *directory.Record) (err error) {
	if f.PasswordHashFile != "" {
		r.PasswordHash, err = secretFile(f.PasswordHashFile)
		return err
	}
	r.Password, err = s.password(f.PasswordStdin, f.PasswordFile)
	return err
}

// password reads a password from standard input or from a file: its first line.
func (s *session) password(stdin bool, file string) (secret.Text, error) {
	switch {
	case stdin:
		return firstLine(s.process.Stdin, "standard input")
	case file != "":
		return secretFile(file)
	}
	return "", nil
}

func secretFile(path string) (secret.Text, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", usage("the file of the password cannot be read: %w", err)
	}
	defer f.Close()
	return firstLine(f, path)
}

// longestSecret bounds what is read, in bytes; no password or hash is longer.
const longestSecret = 64 << 10

func firstLine(r io.Reader, name string) (secret.Text, error) {
	line, err := bufio.NewReader(io.LimitReader(r, longestSecret)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", usage("%s cannot be read: %w", name, err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", usage("%s has no password in its first line", name)
	}
	return secret.Text(line), nil
}
