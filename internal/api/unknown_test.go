package api_test

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"muster/client"
	"muster/internal/api"
	"muster/internal/directory"
)

// none are names of what there is not, by what stands in a path.
var none = map[string]string{"{user}": "01a21879-5e42-7690-b4a1-ed97acc36403", "{address}": "nobody@nowhere.example", "{import}": "987654",
	"{session}": "01a21879-5e42-7690-b4a1-ed97acc36404", "{organisation}": "RX7", "{domain}": "nowhere.example", "{group}": "01a21879-5e42-7690-b4a1-ed97acc36405",
	"{token}": "01a21879-5e42-7690-b4a1-ed97acc36406", "{delegate}": "nobody@nowhere.example", "{notification}": "01a21879-5e42-7690-b4a1-ed97acc36407"}

// TestWhatIsNotTheirsIsUnknown: whoever names what another organisation has, and what they may
// not read, gets the very answer of what there is not, whatever they want of it.
func TestWhatIsNotTheirsIsUnknown(t *testing.T) {
	w := newWorld(t)
	ids := w.theirs()
	nobodys := maps.Clone(ids)
	maps.Copy(nobodys, none)
	w.Add("anna@example.org", "RX1")
	w.Domain("top.example", directory.Master)
	w.Add("boss@top.example", directory.Master, "role", "Master")
	w.Add("lea@example.com", "RX2")
	w.Set("lea@example.com", "status", "leaver")
	w.Group(directory.Master, "Top")
	for _, role := range []string{"Full", "Migration", "Basic", "Helpdesk", "Gateway", "Auditor"} {
		token := w.token(role, "RX1")
		for _, o := range api.Operations() {
			theirs, nobody := fill(o.Path, ids), fill(o.Path, nobodys)
			if theirs == nobody {
				continue
			}
			w.alike(o.ID+" by "+role, token, o.Method, theirs, nobody, bodies[o.ID], names(ids))
			if strings.HasPrefix(o.Path, "/users/{user}") {
				for _, known := range []string{"boss@top.example", "lea@example.com", "postmaster@example.com"} {
					ids := map[string]string{"{user}": known, "{delegate}": "anna@example.org"}
					none := map[string]string{"{user}": "nobody@nowhere.example", "{delegate}": "anna@example.org"}
					if o.ID == "join-user" && known == "lea@example.com" { // a leaver may be taken over from anywhere
						continue
					}
					w.alike(o.ID+" of "+known+" by "+role, token, o.Method, fill(o.Path, ids), fill(o.Path, none), bodies[o.ID], []string{known, "nobody@nowhere.example"})
				}
			}
		}
		for _, c := range []struct{ method, path, theirs, nobody string }{
			{"GET", "/history?org=NAME", "MASTER", "NOBODY"}, {"GET", "/users?org=NAME", "RX2", "RX7"}, {"GET", "/reports/mailbox?org=NAME", "RX2", "RX7"},
			{"GET", "/domains?org=NAME", "MASTER", "NOBODY"}, {"GET", "/groups?org=NAME", "RX2", "RX7"}, {"GET", "/formats?org=NAME", "RX2", "RX7"},
			{"POST", "/imports?org=NAME", "RX2", "RX7"}, {"POST", "/imports?domain=NAME", "example.com", "nowhere.example"}, {"POST", "/imports?group=NAME", "Top", "Nothing"},
			{"PATCH", "/organisations/NAME", "MASTER", "NOBODY"}, {"PATCH", "/domains/NAME", "example.com", "nowhere.example"}, {"DELETE", "/domains/NAME", "top.example", "nowhere.example"},
			{"PUT", "/users/anna@example.org/delegates/NAME", "boss@top.example", "nobody@nowhere.example"},
		} {
			body := ""
			if c.method == "PATCH" {
				body = "{}"
			}
			path := func(name string) string { return strings.ReplaceAll(c.path, "NAME", name) }
			w.alike(c.path+" by "+role, token, c.method, path(c.theirs), path(c.nobody), body, []string{c.theirs, c.nobody})
		}
		for _, c := range []struct{ method, path, body, theirs, nobody string }{
			{"POST", "/users", `{"address":"new@example.org","org":"NAME"}`, "RX2", "RX7"},
			{"POST", "/users", `{"address":"new@NAME","org":"RX1"}`, "example.com", "nowhere.example"},
			{"POST", "/users", `{"address":"new@example.org","org":"RX1","groups":["NAME"]}`, "Top", "Nothing"},
			{"PATCH", "/users/anna@example.org", `{"org":"NAME"}`, "RX2", "RX7"},
			{"PATCH", "/users/anna@example.org", `{"delegates":["NAME"]}`, "boss@top.example", "nobody@nowhere.example"},
			{"PATCH", "/users/anna@example.org", `{"aliases":["a@NAME"]}`, "example.com", "nowhere.example"},
			{"POST", "/users/anna@example.org/transfer", `{"org":"NAME"}`, "RX2", "RX7"},
			{"POST", "/domains", `{"name":"new.example","org":"NAME"}`, "RX2", "RX7"},
			{"POST", "/groups", `{"path":"Night","org":"NAME"}`, "RX2", "RX7"},
			{"POST", "/tokens", `{"name":"sync","role":"Basic","org":"NAME"}`, "RX2", "RX7"},
			{"POST", "/organisations", `{"code":"RX1B","parent":"NAME"}`, "RX2", "RX7"},
			{"PATCH", "/organisations/RX1", `{"settings":{"default_domain":"NAME"}}`, "example.com", "nowhere.example"},
		} {
			w.alikeBody(c.path+" by "+role, token, c.method, c.path, strings.ReplaceAll(c.body, "NAME", c.theirs), strings.ReplaceAll(c.body, "NAME", c.nobody), []string{c.theirs, c.nobody})
		}
	}
}

func fill(path string, ids map[string]string) string {
	return placeholder.ReplaceAllStringFunc(path, func(name string) string { return url.PathEscape(ids[name]) })
}

// names are those of what is theirs, and of what there is not.
func names(ids map[string]string) (list []string) {
	ids = maps.Clone(ids)
	for name, id := range none {
		if name == "{import}" { // which is a number
			id, ids[name] = "import "+id, "import "+ids[name]
		}
		list = append(list, id, ids[name])
	}
	return list
}

func (w *world) alike(what, token, method, theirs, nobody, body string, names []string) {
	w.t.Helper()
	w.same(what, token, method, [2]string{theirs, nobody}, [2]string{body, body}, names)
}

func (w *world) alikeBody(what, token, method, path, theirs, nobody string, names []string) {
	w.t.Helper()
	w.same(what, token, method, [2]string{path, path}, [2]string{theirs, nobody}, names)
}

var requestID = regexp.MustCompile(`"request":"[^"]*"`)

// same reports whether two requests that differ in names get answers that differ in them only.
func (w *world) same(what, token, method string, paths, sent [2]string, names []string) {
	w.t.Helper()
	var got [2]string
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	for i := range got {
		status, _, text := w.send(method, client.Root+paths[i], token, sent[i])
		text = requestID.ReplaceAllString(text, "")
		for _, name := range names {
			text = strings.ReplaceAll(text, name, "NAME")
		}
		if got[i] = text; status < 400 && method != "GET" {
			w.t.Errorf("%s: %d %s", what, status, text)
		}
	}
	if got[0] != got[1] {
		w.t.Errorf("%s %s %s:\n%s, and of what there is not\n%s", what, method, paths[0], got[0], got[1])
	}
}
