package api_test

import (
	"os"
	"testing"

	"muster/internal/api"
)

// TestSpecification compares the description with the committed one. That it is a
// right OpenAPI 3.1 is for a validator to say.
func TestSpecification(t *testing.T) {
	const path = "../../docs/openapi.yaml"
	text, err := api.Specification()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != string(text) {
		t.Error("docs/openapi.yaml is not what the program says; write it anew with go test ./internal/api -update")
	}
	if _, err := description(); err != nil {
		t.Error(err)
	}
}
