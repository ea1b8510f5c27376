package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// deepest is how deep JSON may be nested.
const deepest = 32

// bodyCheck reads the JSON of a body token by token, and refuses what encoding/json would
// settle in silence: a field that comes twice, null for a field that cannot be null, text
// that is none. That the fields are right is for huma to find out.
type bodyCheck struct {
	text    []byte
	tokens  *json.Decoder
	schemas huma.Registry
}

// isJSON reports whether huma reads a body of a kind as JSON: it goes by what stands after a +.
func isJSON(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	return kind == "" || strings.ContainsRune(kind, '+') || strings.Contains(kind, "json")
}

// checkJSON checks a body that is to have a schema.
func (d *door) checkJSON(s *huma.Schema, text []byte) error {
	c := &bodyCheck{text, json.NewDecoder(bytes.NewReader(text)), d.api.OpenAPI().Components.Schemas}
	c.tokens.UseNumber()
	if err := c.value("body", s, 0); err != nil {
		return err
	}
	if _, err := c.tokens.Token(); err != io.EOF {
		return RequestInvalid.New("The body goes on after its JSON.").In("body")
	}
	return nil
}

// schemaOf is what the JSON of an operation is to be; nil where it takes none.
func schemaOf(o *huma.Operation) *huma.Schema {
	if o == nil || o.RequestBody == nil || o.RequestBody.Content["application/json"] == nil {
		return nil
	}
	return o.RequestBody.Content["application/json"].Schema
}

// next returns the next token, and whether it is readable where it is a text.
func (c *bodyCheck) next() (json.Token, bool, error) {
	from := c.tokens.InputOffset()
	token, err := c.tokens.Token()
	to := c.tokens.InputOffset()
	if err != nil {
		return nil, false, RequestInvalid.New("The body is no JSON from octet %d on.", to+1).In("body")
	}
	text, _ := token.(string)
	return token, readable(text) && utf8.Valid(c.text[from:to]), nil
}

// value checks what comes next; its schema is nil where it is not known.
func (c *bodyCheck) value(place string, s *huma.Schema, depth int) error {
	for s != nil && s.Ref != "" {
		s = c.schemas.SchemaFromRef(s.Ref)
	}
	token, ok, err := c.next()
	switch t := token.(type) {
	case json.Delim:
		return c.nested(t, place, s, depth+1)
	case json.Number:
		return checkNumber(t, place, s)
	case nil:
		if err == nil && s != nil && !s.Nullable {
			err = RequestInvalid.New("This cannot be null; leave it out, or give a value.").In(place)
		}
	case string:
		if !ok {
			err = unreadable(place)
		}
	}
	return err
}

func (c *bodyCheck) nested(begin json.Delim, place string, s *huma.Schema, depth int) error {
	if depth > deepest {
		return TooDeep.New("The JSON of the request is nested deeper than %d.", deepest)
	}
	member := c.item
	if begin == '{' {
		member = c.field
	}
	seen := map[string]bool{}
	for c.tokens.More() {
		if err := member(place, s, depth, seen); err != nil {
			return err
		}
	}
	_, _, err := c.next()
	return err
}

func (c *bodyCheck) field(place string, s *huma.Schema, depth int, seen map[string]bool) error {
	token, ok, err := c.next()
	name, _ := token.(string)
	switch {
	case err != nil:
		return err
	case !ok:
		return unreadable(place)
	case seen[name]:
		return RequestInvalid.New("This is given more than once.").In(place + "." + name)
	}
	seen[name] = true
	return c.value(place+"."+name, property(s, name), depth)
}

func (c *bodyCheck) item(place string, s *huma.Schema, depth int, seen map[string]bool) error {
	place = fmt.Sprintf("%s[%d]", place, len(seen))
	seen[place] = true
	if s != nil {
		s = s.Items
	}
	return c.value(place, s, depth)
}

func property(s *huma.Schema, name string) *huma.Schema {
	if s == nil {
		return nil
	}
	if known := s.Properties[name]; known != nil {
		return known
	}
	any, _ := s.AdditionalProperties.(*huma.Schema)
	return any
}

// checkNumber refuses what no field could hold.
func checkNumber(n json.Number, place string, s *huma.Schema) error {
	_, err := n.Float64()
	if s != nil && s.Type == huma.TypeInteger && err == nil {
		_, err = strconv.ParseInt(n.String(), 10, 64)
	}
	if err != nil {
		return RequestInvalid.New("This is no number that is taken: whole ones are digits alone, at most 9223372036854775807.").In(place)
	}
	return nil
}
