package cli

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"muster/client"
	"muster/internal/config"
)

// remotely is a command that also runs against a Muster elsewhere, through the public
// client. What it prints with --json is the same; a person is shown what the answer has.
type remotely interface {
	Remote(s *session, c *client.Client) error
}

// runRemotely runs the command that was parsed against the server that is named.
func (s *session) runRemotely(parsed *kong.Context) error {
	if s.globals.As != "" {
		return usage("--as and --server do not go together: the token says who acts")
	}
	command, ok := parsed.Selected().Target.Addr().Interface().(remotely)
	if !ok {
		return usage("muster %s is for the machine itself, and does not go with --server", strings.TrimPrefix(parsed.Selected().FullPath(), "muster "))
	}
	u, err := url.Parse(s.globals.Server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return usage("--server is the URL of a server, such as https://muster.example.org, not %q", s.globals.Server)
	}
	token, err := s.token()
	if err != nil {
		return err
	}
	return s.asRefusal(command.Remote(s, client.New(s.globals.Server, token)))
}

// token is the token that the server is shown.
func (s *session) token() (string, error) {
	if s.globals.TokenFile != "" {
		f, err := os.Open(s.globals.TokenFile)
		if err != nil {
			return "", usage("the file of the token cannot be read: %w", err)
		}
		defer f.Close()
		plain, err := firstLine(f, s.globals.TokenFile)
		return plain.Reveal(), err
	}
	for _, v := range s.process.Env {
		if token, ok := strings.CutPrefix(v, config.TokenVariable+"="); ok && token != "" {
			return token, nil
		}
	}
	return "", usage("--server needs a token: in %s, or in the file that --token-file names", config.TokenVariable)
}

// asRefusal tells a server that cannot be reached from one that refuses.
func (s *session) asRefusal(err error) error {
	var problem *client.Problem
	var network *url.Error
	switch {
	case errors.As(err, &problem) && problem.Status == http.StatusServiceUnavailable:
		return failure{err, statusUnreachable}
	case errors.As(err, &network) && s.ctx.Err() == nil:
		return failure{sentence(fmt.Sprintf("The server %s cannot be reached: %s.", s.globals.Server, network.Err)), statusUnreachable}
	}
	return err
}

// shown prints the answer of a server.
func (s *session) shown(v any, err error) error {
	if err != nil || s.globals.JSON {
		return errors.Join(err, s.printAnswer(v, err))
	}
	s.fields(reflect.ValueOf(v).Elem())
	return nil
}

func (s *session) printAnswer(v any, err error) error {
	if err != nil {
		return nil
	}
	return s.printJSON(v)
}

// fields prints what an answer has, by the names of its JSON, but what is blank.
func (s *session) fields(v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			s.fields(v.Field(i))
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if text := fieldOf(v.Field(i)); text != "" {
			s.print("%-24s %s", name, clean(text))
		}
	}
}

// fieldOf is a value as people read it; what has parts of its own is left to --json.
func fieldOf(v reflect.Value) string {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return moment(x)
	case []string:
		return strings.Join(x, ", ")
	case map[string]string:
		return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(x), "map["), "]")
	case bool:
		return yes(x)
	}
	switch v.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Map, reflect.Pointer:
		return ""
	}
	return fmt.Sprint(v.Interface())
}

// listRemotely prints a list of a server: as JSON, or a row of cells for each item.
func listRemotely[T any](s *session, heads []string, each func(func(*T) error) error, cells func(*T) []string) error {
	rows := [][]string{heads}
	err := each(func(item *T) error {
		if s.globals.JSON {
			return s.printJSON(item)
		}
		rows = append(rows, cells(item))
		return nil
	})
	if err == nil && !s.globals.JSON {
		s.table(rows)
	}
	return err
}

// shownTime is a moment of an answer, or a dash.
func shownTime(t *time.Time) string {
	if t == nil {
		return dash("")
	}
	return moment(*t)
}
