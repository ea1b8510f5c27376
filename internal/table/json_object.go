package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What one key holds of several values stands in several columns, as it does in
// CSV: the aliases in alias1, alias2 …, an attribute Building in attr.Building.
// These are the keys of which that is so, and how the headings of their columns begin.
var (
	listKeys   = map[string]string{"aliases": "alias", "delegates": "delegate", "groups": "group"}
	objectKeys = map[string]string{"attributes": "attr."}
)

// jsonValue is a value of an object. A list or an object has one with the key
// alone, too, which tells that it is there, if only blank.
type jsonValue struct {
	key    string
	number int    // from 1, within a list
	name   string // within an object
	text   string
}

// heading is that of the column in which the value stands.
func (v jsonValue) heading() string {
	switch {
	case v.number > 0:
		return listKeys[v.key] + strconv.Itoa(v.number)
	case v.name != "":
		return objectKeys[v.key] + v.name
	}
	return v.key
}

// objectParser reads one object.
type objectParser struct {
	tokens *json.Decoder
	values []jsonValue
	wrong  string
}

const notObject = "is no JSON object"

// parseObject returns the values of an object, and what is wrong with it, to go on
// with after "The line".
func parseObject(line []byte) (values []jsonValue, wrong string) {
	p := &objectParser{tokens: json.NewDecoder(bytes.NewReader(line))}
	p.tokens.UseNumber()
	if t, err := p.tokens.Token(); err != nil || t != json.Delim('{') {
		return nil, notObject
	}
	if p.members(p.member) != nil {
		return nil, notObject
	}
	if _, err := p.tokens.Token(); err != io.EOF {
		return nil, notObject
	}
	return p.values, p.wrong
}

// members calls f for each key of an object, behind which its value stands.
func (p *objectParser) members(f func(key string) error) error {
	seen := map[string]bool{}
	for p.tokens.More() {
		t, err := p.tokens.Token()
		if err != nil {
			return err
		}
		key := t.(string) // what else, Token refuses
		if seen[key] {
			p.wrong = "has a key twice"
		}
		seen[key] = true
		if err := f(key); err != nil {
			return err
		}
	}
	_, err := p.tokens.Token()
	return err
}

// member reads the value of a key of the line's object.
func (p *objectParser) member(key string) error {
	t, err := p.tokens.Token()
	if err != nil {
		return err
	}
	_, wantsList := listKeys[key]
	_, wantsObject := objectKeys[key]
	if !wantsList && !wantsObject {
		return p.add(jsonValue{key: key}, t)
	}
	p.values = append(p.values, jsonValue{key: key})
	switch {
	case t == json.Delim('[') && wantsList:
		return p.list(key)
	case t == json.Delim('{') && wantsObject:
		return p.members(func(name string) error {
			if name == "" {
				p.wrong = "has a value without a name"
			}
			return p.item(jsonValue{key: key, name: name})
		})
	case t == nil:
		return nil
	}
	p.wrong = "has something else where a list or an object belongs"
	return p.skip(t)
}

func (p *objectParser) list(key string) error {
	for n := 1; p.tokens.More(); n++ {
		if err := p.item(jsonValue{key: key, number: n}); err != nil {
			return err
		}
	}
	_, err := p.tokens.Token()
	return err
}

// item reads a value within a list or an object.
func (p *objectParser) item(v jsonValue) error {
	t, err := p.tokens.Token()
	if err != nil {
		return err
	}
	return p.add(v, t)
}

// add keeps a value, if it is a single one.
func (p *objectParser) add(v jsonValue, t json.Token) error {
	switch t := t.(type) {
	case string:
		v.text = t
	case json.Number:
		v.text = t.String()
	case bool:
		v.text = strings.ToUpper(strconv.FormatBool(t))
	case json.Delim:
		p.wrong = "has a list or an object where a single value belongs"
		if err := p.skip(t); err != nil {
			return err
		}
	}
	if strings.ContainsRune(v.text, utf8.RuneError) {
		p.wrong = "has half a character"
	}
	if p.values = append(p.values, v); len(p.values) > mostValues {
		return errManyValues
	}
	return nil
}

// mostValues is how many values an object may have; more than a table has columns.
const mostValues = 10_000

var errManyValues = errors.New("too many values")

// skip reads to the end of what has begun.
func (p *objectParser) skip(t json.Token) error {
	for depth := 0; ; {
		switch t {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		var err error
		if t, err = p.tokens.Token(); err != nil {
			return err
		}
	}
}
