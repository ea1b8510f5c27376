package password

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"muster/internal/issue"
)

// breachList is a list of breaches in memory.
type breachList []string

func (l breachList) Contains(pw string) (bool, error) {
	if slices.Contains(l, "unreadable") {
		return false, errors.New("the disk is gone")
	}
	return slices.Contains(l, pw), nil
}

func TestCheck(t *testing.T) {
	p := DefaultPolicy()
	mixed := p
	mixed.Classes = 3
	anna := Subject{Names: []string{"Anna Maria", "O'Sullivan-Müller", "Dr. Li"}, Local: "anna.bo.osullivan"}
	robot := Subject{Local: "scan", Application: true}
	for _, c := range []struct {
		policy  Policy
		pw      string
		subject Subject
		want    string
	}{
		{p, "lantern-crow", anna, ""},
		{p, "abcdefghi!", anna, ""},
		{p, "abcdefgh!", anna, "password-too-short"},
		{p, "äöüäöüäöü", anna, "password-too-short"},
		{p, "äöüäöüäöüß", anna, ""},
		{p, strings.Repeat("xy", 64), anna, ""},
		{p, strings.Repeat("ü", 128), anna, ""},
		{p, strings.Repeat("xy", 64) + "z", anna, "password-too-long"},
		{p, "", anna, "password-too-short"},
		{p, "lantern crow", anna, "password-blank-inside"},
		{p, "lantern\u00A0crow", anna, "password-blank-inside"},
		{p, "lantern\ncrow", anna, "password-blank-inside"},
		{p, "lantern\x00crow", anna, "password-blank-inside"},
		{p, "xxx-ANNA-1966", anna, "password-contains-name"},
		{p, "sullivan-1966", anna, "password-contains-name"},
		{p, "the-Sull-1966", anna, "password-contains-name"},
		{p, "mu\u0308ller-crow", anna, "password-contains-name"},
		{p, "drli-ann-bo-66", anna, ""},
		{p, "a-n-n-a-1966", anna, ""},
		{p, "scan-2-lanterns-crow", robot, "password-contains-name"},
		{p, "lantern-crow-harbou", robot, "password-too-short"},
		{p, "lantern-crow-harbour", robot, ""},
		{p, "1234567890", anna, "password-common"},
		{p, "QwertyUIOP", anna, "password-common"},
		{p, "lantern-breached", anna, "password-breached"},
		{mixed, "lantern-crow", anna, "password-classes"},
		{mixed, "lantern-crow7", anna, ""},
		{mixed, "LanternCrow7", anna, ""},
		{mixed, "ЖуравльФонарь7", anna, ""},
		{mixed, "Password", anna, "password-too-short password-classes password-common"},
		{p, "Anna x", anna, "password-too-short password-blank-inside password-contains-name"},
	} {
		got := c.policy.Check(c.pw, c.subject, breachList{"lantern-breached"})
		if names(got) != c.want {
			t.Errorf("%q: %q, want %q", c.pw, names(got), c.want)
		}
		wantUnquoted(t, c.pw, got)
	}
}

func names(issues []issue.Issue) string {
	var names []string
	for _, i := range issues {
		names = append(names, i.Code)
	}
	return strings.Join(names, " ")
}

func wantUnquoted(t *testing.T, pw string, issues []issue.Issue) {
	t.Helper()
	for _, i := range issues {
		if i.Severity != issue.Error || i.Message == "" {
			t.Errorf("%+v", i)
		}
		if len(pw) > 4 && strings.Contains(strings.ToLower(i.Error()), strings.ToLower(pw)) && pw != "Password" {
			t.Errorf("the message quotes the password: %s", i.Message)
		}
	}
}

func TestCheckSaysThatTheListIsUnreadable(t *testing.T) {
	got := DefaultPolicy().Check("lantern-crow", Subject{}, breachList{"unreadable"})
	if names(got) != "password-breach-unread" {
		t.Errorf("%v", got)
	}
}

func TestCheckTellsTheNumbers(t *testing.T) {
	got := DefaultPolicy().Check("abc", Subject{Application: true}, nil)
	if len(got) != 1 || got[0].Message != "The password has 3 characters; at least 20 are needed." {
		t.Errorf("%v", got)
	}
}

func TestPolicyAsJSON(t *testing.T) {
	text, err := json.Marshal(DefaultPolicy())
	want := `{"min_length":10,"min_length_application":20,"max_length":128,"classes":0,"remembered":4}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
}

func TestCommonListIsThere(t *testing.T) {
	if n := len(commonPasswords()); n < 20_000 {
		t.Errorf("only %d common passwords", n)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("lantern-crow", "Anna", "anna.smith", false)
	f.Fuzz(func(t *testing.T, pw, name, local string, application bool) {
		s := Subject{[]string{name}, local, application}
		issues := DefaultPolicy().Check(pw, s, nil)
		for _, i := range issues {
			if !strings.HasPrefix(i.Code, "password-") || strings.ContainsFunc(i.Message, func(r rune) bool { return r > '~' }) {
				t.Fatalf("%+v", i)
			}
		}
		if upper := strings.ToUpper(pw); pw == strings.ToLower(upper) && isASCII(pw+name+local) &&
			names(DefaultPolicy().Check(upper, s, nil)) != names(issues) {
			t.Fatalf("%q passes otherwise in capital letters", pw)
		}
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' })
}

func BenchmarkCheck(b *testing.B) {
	p, s := DefaultPolicy(), Subject{Names: []string{"Katherine", "Henderson", "Katherine Henderson"}, Local: "katherine.henderson"}
	for b.Loop() {
		p.Check("lantern-crow-harbour", s, nil)
	}
}

func BenchmarkCommon(b *testing.B) {
	for b.Loop() {
		isCommon("lantern-crow-harbour")
	}
}
