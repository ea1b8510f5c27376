package password

import (
	"crypto/sha1"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// digests are the sorted lines of passwords pw0, pw1 …, each with an ending.
func digests(n int, ending func(i int) string) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("%X", sha1.Sum(fmt.Appendf(nil, "pw%d", i)))
	}
	slices.Sort(lines)
	for i := range lines {
		lines[i] += ending(i)
	}
	return lines
}

func list(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "breached.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBreachFile(t *testing.T) {
	counted := func(i int) string { return fmt.Sprintf(":%d\r\n", i*i*i+1) }
	for name, text := range map[string]string{
		"as offered":            strings.Join(digests(1000, counted), ""),
		"without counts":        strings.Join(digests(1000, func(int) string { return "\n" }), ""),
		"small letters":         strings.ToLower(strings.Join(digests(1000, counted), "")),
		"no line break at end":  strings.TrimSuffix(strings.Join(digests(1000, counted), ""), "\r\n"),
		"counts of all lengths": strings.Join(digests(1000, func(i int) string { return ":" + strings.Repeat("9", i%20+1) + "\n" }), ""),
	} {
		t.Run(name, func(t *testing.T) {
			b, err := OpenBreachFile(list(t, text))
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			for i := range 2000 {
				if got, err := b.Contains(fmt.Sprintf("pw%d", i)); err != nil || got != (i < 1000) {
					t.Fatalf("pw%d: %v, %v", i, got, err)
				}
			}
		})
	}
}

func TestShortBreachFiles(t *testing.T) {
	for n := range 5 {
		b, err := OpenBreachFile(list(t, strings.Join(digests(n, func(int) string { return ":1\r\n" }), "")))
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		for i := range 6 {
			if got, err := b.Contains(fmt.Sprintf("pw%d", i)); err != nil || got != (i < n) {
				t.Errorf("%d lines, pw%d: %v, %v", n, i, got, err)
			}
		}
	}
}

func TestOpenBreachFileRefuses(t *testing.T) {
	lines := digests(100, func(int) string { return ":1\n" })
	reversed := slices.Clone(lines)
	slices.Reverse(reversed)
	for text, want := range map[string]string{
		strings.Join(reversed, ""):                                "not sorted",
		"password\n123456\n":                                      "not a list of SHA-1",
		strings.Repeat("A", 1000):                                 "not a list of SHA-1",
		strings.Repeat("8846F7EAEE8FB117AD06BDD830B7586C:1\n", 9): "not a list of SHA-1",
		strings.Repeat("x", 40) + "\n":                            "not a list of SHA-1",
		lines[0][:40] + ":" + strings.Repeat("1", 200):            "not a list of SHA-1",
		lines[0][:39] + "\n":                                      "not a list of SHA-1",
		lines[0][:40] + strings.Repeat(" ", 100) + "\n":           "not a list of SHA-1",
	} {
		if _, err := OpenBreachFile(list(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v; want %q", text, err, want)
		}
	}
	if _, err := OpenBreachFile(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a file") {
		t.Errorf("folder: %v", err)
	}
	if _, err := OpenBreachFile("missing"); !os.IsNotExist(unwrapped(err)) {
		t.Errorf("missing: %v", err)
	}
}

func unwrapped(err error) error {
	for {
		inner, ok := err.(interface{ Unwrap() error })
		if !ok || inner.Unwrap() == nil {
			return err
		}
		err = inner.Unwrap()
	}
}

func TestBreachFileCutShortIsAnError(t *testing.T) {
	path := list(t, strings.Join(digests(1000, func(int) string { return ":1\n" }), ""))
	b, err := OpenBreachFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if found, err := b.Contains("pw1"); found || err == nil {
		t.Errorf("cut short: %v, %v", found, err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if _, err := b.Contains("pw1"); err == nil {
		t.Error("closed, and no error")
	}
}

func TestEndlessLineIsAnError(t *testing.T) {
	line := strings.Repeat("F", 40) + ":" + strings.Repeat("1", 87) + "\n"
	file, err := os.Open(list(t, line))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	b := &BreachFile{file, int64(len(line))}
	if found, err := b.Contains("pw1"); found || err == nil {
		t.Errorf("%v, %v", found, err)
	}
}

func TestBreachFileForSeveralAtOnce(t *testing.T) {
	b, err := OpenBreachFile(list(t, strings.Join(digests(500, func(int) string { return ":1\n" }), "")))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 500 {
				if found, err := b.Contains(fmt.Sprintf("pw%d", i)); !found || err != nil {
					t.Errorf("pw%d: %v, %v", i, found, err)
				}
			}
		})
	}
	all.Wait()
}
