package api_test

import (
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

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

// without are the operations that do not take, or answer, what all others do, and why.
var without = map[string]string{
	"sign-in If-Match":           "there is no session yet that could have an ETag",
	"make-first-master If-Match": "there is no Master yet that could have one",
	"check-format If-Match":      "it asks something, and changes nothing",
	"guess-format If-Match":      "it asks something, and changes nothing",
	"progress ETag":              "the answer goes on for as long as the import does",
	"mailbox-report ETag":        "the answer is sent while it is read",
	"export-history ETag":        "the answer is sent while it is read",
}

// TestWhatEveryOperationHas: every write can be tried, every POST be sent again, and every
// answer has an ETag. That they are met, condition_test.go and sessions_test.go show.
func TestWhatEveryOperationHas(t *testing.T) {
	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	used, n := map[string]bool{}, 0
	for _, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			n++
			for what, has := range had(method, o) {
				key := o.OperationID + " " + what
				if _, excepted := without[key]; !has && !excepted {
					t.Errorf("%s has no %s", o.OperationID, what)
				} else if !has {
					used[key] = true
				}
			}
		}
	}
	if n != len(api.Operations()) || len(used) != len(without) {
		t.Errorf("%d operations; of the exceptions only %v are any", n, used)
	}
}

// had tells of what an operation should have whether it has it.
func had(method string, o *openapi3.Operation) map[string]bool {
	has := map[string]bool{"ETag": true}
	for status, response := range o.Responses.Map() {
		if strings.HasPrefix(status, "2") {
			has["ETag"] = response.Value.Headers["ETag"] != nil
		}
	}
	if method == "GET" {
		has["If-None-Match"] = o.Parameters.GetByInAndName("header", "If-None-Match") != nil
		return has
	}
	has["dry_run"] = o.Parameters.GetByInAndName("query", "dry_run") != nil
	has["If-Match"] = o.Parameters.GetByInAndName("header", "If-Match") != nil
	has["Idempotency-Key"] = method != "POST" || o.Parameters.GetByInAndName("header", "Idempotency-Key") != nil
	return has
}
