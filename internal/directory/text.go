package directory

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"muster/internal/table"
)

// Clean returns a text as the directory keeps it: without outer blanks and, in a field of one
// line, with a blank for each line break. Every text that is kept goes through it, by whatever
// door it comes. The error is an issue of code value-control-character or value-too-long.
func (s Spec) Clean(text string) (string, error) {
	text = strings.TrimFunc(table.Trim(text), steers)
	if s.Kind != Text && strings.ContainsAny(text, "\r\n") {
		text = strings.Join(strings.Fields(text), " ")
	}
	if !utf8.ValidString(text) {
		return "", ValueControl.New("The text holds bytes that are no characters (UTF-8).")
	}
	if bad := strings.IndexFunc(text, isControl); bad >= 0 {
		r, _ := utf8.DecodeRuneInString(text[bad:])
		return "", ValueControl.New("The text holds the control character U+%04X.", r)
	}
	if n := utf8.RuneCountInString(text); s.Max > 0 && n > s.Max {
		return "", ValueTooLong.New("The text has %d characters; at most %d are allowed.", n, s.Max)
	}
	return text, nil
}

func isControl(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || steers(r)
}

// steers reports whether a character turns the direction of those behind it (Unicode Standard
// Annex 9, section 2): what is read is then not what is there. Around a number they come from
// copying, and are taken off.
func steers(r rune) bool { return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' }

// The texts of things that are no users.
var (
	orgName    = Spec{Name: "name", Kind: Line, Max: 200}
	groupName  = Spec{Name: "name", Kind: Line}
	memberNote = Spec{Name: ChangeNote, Kind: Line}
	attribute  = Spec{Name: "name", Kind: Line}
)

// CleanNote returns the note of a membership as it is kept. The error is an issue of code
// value-control-character or note-too-long.
func CleanNote(note string) (string, error) {
	note, err := memberNote.Clean(note)
	if n := utf8.RuneCountInString(note); err == nil && n > MaxNote {
		err = NoteTooLong.New("The note has %d characters; at most %d are allowed.", n, MaxNote)
	}
	return note, err
}
