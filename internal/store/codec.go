package store

import (
	"encoding/json"

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
	var lists [][]string
	if text == "" || text == "[]" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &lists); err != nil {
		return nil, err
	}
	changes := make([]directory.Change, len(lists))
	for i, l := range lists {
		changes[i] = directory.Change{Field: l[0], Old: l[1], New: l[2]}
		if len(l) > 3 {
			changes[i].Ref = l[3]
		}
	}
	return changes, nil
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
	err = json.Unmarshal([]byte(text), &cells)
	return cells, err
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
