package store

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"muster/internal/directory"
)

// TestWhatIsEncodedIsDecoded: any texts come back, and what is encoded is JSON.
func TestWhatIsEncodedIsDecoded(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", `"`, `\`, "],[", `","`, "a\nb", "é", "<&>", "\u2028"}))
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOf(text).Draw(t, "cells")
		encoded := encodeCells(cells)
		if got, err := decodeCells(encoded); err != nil || !slices.Equal(got, cells) {
			t.Fatalf("cells %q, %v", got, err)
		}
		var list []string
		if err := json.Unmarshal([]byte(encoded), &list); err != nil {
			t.Fatal(err)
		}
		changes := rapid.SliceOf(rapid.Custom(func(t *rapid.T) directory.Change {
			return directory.Change{Field: text.Draw(t, "field"), Old: text.Draw(t, "old"), New: text.Draw(t, "new"), Ref: text.Draw(t, "ref")}
		})).Draw(t, "changes")
		if got, err := decodeChanges(encodeChanges(changes)); err != nil || !slices.Equal(got, changes) {
			t.Fatalf("changes %q, %v", got, err)
		}
	})
}

// TestWhatIsNotAsEncodedIsRefused: a damaged row is an error, and no panic.
func TestWhatIsNotAsEncodedIsRefused(t *testing.T) {
	for _, text := range []string{`[`, `["a"`, `["a",]`, `["a"]]`, `["a" ,"b"]`, `[1]`, `["a`, `["\`, `x`, `["\x"]`} {
		if got, err := decodeCells(text); err == nil {
			t.Errorf("%s is decoded as %q", text, got)
		}
	}
	for _, text := range []string{`["a"]`, `[[]]`, `[["a","b"]]`, `[["a","b","c","d","e"]]`, `[["a","b","c"]`, `[["a","b","c"]]]`, `[["a","b","c",]]`} {
		if got, err := decodeChanges(text); err == nil {
			t.Errorf("%s is decoded as %q", text, got)
		}
	}
}
