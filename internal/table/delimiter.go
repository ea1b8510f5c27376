package table

import (
	"bytes"
	"cmp"
	"strings"

	"muster/internal/issue"
)

// delimiters stand in the order in which they win when they fit alike.
var delimiters = []struct {
	char rune
	name string
}{{',', "comma"}, {';', "semicolon"}, {'\t', "tab"}, {'|', "pipe"}}

// DelimiterByName returns the delimiter called comma, semicolon, tab or pipe.
func DelimiterByName(name string) (rune, error) {
	for _, d := range delimiters {
		if d.name == name {
			return d.char, nil
		}
	}
	return 0, unknownDelimiter(name)
}

// DelimiterName returns the name of a delimiter, or the character itself where
// it has none.
func DelimiterName(char rune) string {
	for _, d := range delimiters {
		if d.char == char {
			return d.name
		}
	}
	return string(char)
}

func unknownDelimiter(name string) issue.Issue {
	return codeDelimiter.New("There is no delimiter %q.", name).Suggest("%s", codeDelimiter.Cure)
}

func isDelimiter(char rune) bool { return strings.ContainsRune(",;\t|", char) }

// findDelimiter settles the delimiter: the one that was asked for, else that of
// a sep= line, else the one that fits the first lines best. It steps over the
// sep= line and notes how lines end.
func (r *csvReader) findDelimiter(wanted rune) error {
	if wanted != 0 && !isDelimiter(wanted) {
		return unknownDelimiter(string(wanted))
	}
	said := r.sepLine()
	d := wanted
	if d == 0 {
		d = said
	}
	if d == 0 {
		d = bestDelimiter(r.text(), r.limits)
	}
	r.info.Delimiter = d
	if !r.info.SepLine {
		r.info.LineEnd = firstLineEnd(r.text(), d, r.limits)
	}
	r.split(d)
	return nil
}

// sepLine steps over a first line such as sep=; and returns what it says.
func (r *csvReader) sepLine() rune {
	text := r.text()
	if len(text) < 5 || !strings.EqualFold(string(text[:4]), "sep=") || !isDelimiter(rune(text[4])) {
		return 0
	}
	size := lineEndSize(text[5:])
	if size == 0 && len(text) > 5 {
		return 0
	}
	r.info.SepLine, r.info.LineEnd = true, cmp.Or(string(text[5:5+size]), "\r\n")
	r.pos += 5 + size
	r.line++
	return rune(text[4])
}

// lineEndSize returns the size of the line end that the text begins with, or 0.
func lineEndSize(text []byte) int {
	switch {
	case bytes.HasPrefix(text, []byte("\r\n")):
		return 2
	case len(text) > 0 && (text[0] == '\r' || text[0] == '\n'):
		return 1
	}
	return 0
}

const sampleRows = 100

// bestDelimiter splits the first rows by each delimiter. The one wins by which
// most rows have the same number of cells, then the one that yields more cells.
func bestDelimiter(text []byte, l Limits) rune {
	best, bestRows, bestCells := ',', 0, 1
	for _, d := range delimiters {
		rows, cells := consistency(text, d.char, l)
		if rows > bestRows || rows == bestRows && cells > bestCells {
			best, bestRows, bestCells = d.char, rows, cells
		}
	}
	return best
}

// consistency returns the commonest number of cells among the first rows, of
// those with two or more, and how many rows have it. Rows with a fault of their
// CSV do not count.
func consistency(text []byte, d rune, l Limits) (rows, cells int) {
	r := textReader(text, d, l)
	seen := map[int]int{}
	for range sampleRows {
		row, err := r.Next()
		if err != nil {
			break
		}
		if n := len(row.Cells); n > 1 && len(row.Issues) == 0 {
			seen[n]++
		}
	}
	for n, times := range seen {
		if times > rows || times == rows && n > cells {
			rows, cells = times, n
		}
	}
	return rows, cells
}

// firstLineEnd returns how the first row ends.
func firstLineEnd(text []byte, d rune, l Limits) string {
	r := textReader(text, d, l)
	_, _ = r.Next() // a fault of the row is told when it is read in earnest
	read := text[:r.pos]
	for _, end := range []string{"\r\n", "\n", "\r"} {
		if bytes.HasSuffix(read, []byte(end)) {
			return end
		}
	}
	return "\r\n"
}
