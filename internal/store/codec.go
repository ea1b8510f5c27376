package store

import (
	"encoding/json"
	"errors"
	"strings"

	"muster/internal/directory"
	"muster/internal/issue"
)

// encodeChanges writes changes as an array of arrays: field, old, new and,
// where there is one, the reference.
func encodeChanges(changes []directory.Change) string {
	b := []byte{'['}
	for i, c := range changes {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = appendString(b, c.Field)
		b = appendString(append(b, ','), c.Old)
		b = appendString(append(b, ','), c.New)
		if c.Ref != "" {
			b = appendString(append(b, ','), c.Ref)
		}
		b = append(b, ']')
	}
	return string(append(b, ']'))
}

// appendString appends a text as JSON; most are plain and take no detour.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			quoted, _ := json.Marshal(s)
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func decodeChanges(text string) ([]directory.Change, error) {
	if text == "" || text == "[]" {
		return nil, nil
	}
	changes := make([]directory.Change, 0, strings.Count(text, "],[")+1)
	rest, err := eachItem(text, func(text string) (string, error) {
		var parts [4]string
		n := 0
		rest, err := eachItem(text, func(text string) (rest string, err error) {
			if n == len(parts) {
				return "", errNotAsWritten
			}
			parts[n], rest, err = cutString(text)
			n++
			return rest, err
		})
		if n < 3 && err == nil {
			err = errNotAsWritten
		}
		changes = append(changes, directory.Change{Field: parts[0], Old: parts[1], New: parts[2], Ref: parts[3]})
		return rest, err
	})
	return changes, whole(rest, err)
}

func encodeCells(cells []string) string {
	b := []byte{'['}
	for i, c := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, c)
	}
	return string(append(b, ']'))
}

func decodeCells(text string) (cells []string, err error) {
	if text == "" {
		return nil, nil
	}
	cells = make([]string, 0, strings.Count(text, `","`)+1)
	rest, err := eachItem(text, func(text string) (string, error) {
		cell, rest, err := cutString(text)
		cells = append(cells, cell)
		return rest, err
	})
	return cells, whole(rest, err)
}

// What is decoded here has the one form in which it is encoded above, without
// blanks. Millions of rows are read back, and encoding/json takes five times as
// long for texts that are parts of what was read.

var errNotAsWritten = errors.New("a kept row is not as it was written")

// eachItem lets f take each item of the array with which a text begins, and
// returns what comes after it.
func eachItem(text string, f func(text string) (rest string, err error)) (string, error) {
	rest, ok := strings.CutPrefix(text, "[")
	if !ok {
		return "", errNotAsWritten
	}
	if after, empty := strings.CutPrefix(rest, "]"); empty {
		return after, nil
	}
	for {
		var err error
		switch rest, err = f(rest); {
		case err != nil:
			return "", err
		case strings.HasPrefix(rest, ","):
			rest = rest[1:]
		case strings.HasPrefix(rest, "]"):
			return rest[1:], nil
		default:
			return "", errNotAsWritten
		}
	}
}

// cutString takes the string with which a text begins.
func cutString(text string) (s, rest string, err error) {
	if !strings.HasPrefix(text, `"`) {
		return "", "", errNotAsWritten
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return text[1:i], text[i+1:], nil
		case '\\':
			return cutEscaped(text)
		}
	}
	return "", "", errNotAsWritten
}

// cutEscaped is cutString for one that is not all as it stands.
func cutEscaped(text string) (s, rest string, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&s); err != nil {
		return "", "", err
	}
	return s, text[d.InputOffset():], nil
}

func whole(rest string, err error) error {
	if err == nil && rest != "" {
		return errNotAsWritten
	}
	return err
}

func encodeIssues(issues []issue.Issue) string {
	if len(issues) == 0 {
		return ""
	}
	b, _ := json.Marshal(issues)
	return string(b)
}

func decodeIssues(text string) (issues []issue.Issue, err error) {
	if text == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(text), &issues)
	return issues, err
}
