package directory_test

import (
	"strings"
	"testing"

	"muster/internal/issue"
)

// Every problem has a cause and a cure in whole sentences, and is named in
// small letters.
func TestCodesTellCauseAndCure(t *testing.T) {
	for _, c := range issue.All() {
		for what, text := range map[string]string{"cause": c.Cause, "cure": c.Cure} {
			if !strings.HasSuffix(text, ".") || strings.ToUpper(text[:1]) != text[:1] {
				t.Errorf("%s: the %s is no sentence: %q", c.Name, what, text)
			}
		}
		if strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("%q is not in small letters", c.Name)
		}
	}
}
