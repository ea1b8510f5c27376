package wire

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/importer"
)

// names are those that a type has in JSON.
func names(t reflect.Type) (list []string) {
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		list = append(list, name)
	}
	return list
}

// TestEveryFieldIsSaid: the table of fields in package directory is the only one; what
// stands there, programs read and may set.
func TestEveryFieldIsSaid(t *testing.T) {
	u := &directory.User{}
	for _, f := range directory.Fields() {
		switch spec := f.Spec(); spec.Kind {
		case directory.Flag:
			u.Values[f] = "true"
		case directory.Number:
			u.Values[f] = "7"
		default:
			u.Values[f] = "x" + spec.Name
		}
	}
	text, err := json.Marshal(User(u, time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]any{}
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	changeable := names(reflect.TypeFor[client.UserChange]())
	for _, f := range directory.Fields() {
		name := f.String()
		if want := map[directory.Kind]any{directory.Flag: true, directory.Number: 7.0}[f.Spec().Kind]; said[name] != want && said[name] != any("x"+name) {
			t.Errorf("%s is said as %v", name, said[name])
		}
		if settable := f != directory.Address && f != directory.Origin; slices.Contains(changeable, name) != settable {
			t.Errorf("%s can be set: %v, want %v", name, !settable, settable)
		}
	}
}

// TestEveryFieldIsWanted: what a program sets comes into the record.
func TestEveryFieldIsWanted(t *testing.T) {
	for _, f := range directory.Fields() {
		if f == directory.Address || f == directory.Origin {
			continue
		}
		value, want := `" `+f.String()+` "`, f.String()
		switch f.Spec().Kind {
		case directory.Flag:
			value, want = "true", "true"
		case directory.Number:
			value, want = "7", "7"
		}
		change, r := client.UserChange{}, &directory.Record{}
		if err := json.Unmarshal([]byte(`{"`+f.String()+`":`+value+`}`), &change); err != nil {
			t.Fatal(err)
		}
		if err := Want(r, change); err != nil || r.Values[f] != want {
			t.Errorf("%s: %v, %q", f, err, r.Values[f])
		}
		cleared := &directory.Record{}
		if err := Want(cleared, client.UserChange{Clear: []string{f.String()}}); err != nil || !cleared.Cleared[f] {
			t.Errorf("clearing %s: %v", f, err)
		}
		if err := Want(&directory.Record{}, client.UserChange{Clear: []string{f.String()}, Title: change.Title, Name: change.Name}); (f == directory.Title || f == directory.Name) && !FieldUnknown.Is(err) {
			t.Errorf("setting and clearing %s: %v", f, err)
		}
	}
	r := &directory.Record{}
	err := Want(r, client.UserChange{Aliases: []string{"a@example.org"}, RemoveGroups: []string{"Wards"}, Attributes: map[string]string{"Floor": "", "Room": "3"}, Clear: []string{"aliases"}})
	if err != nil || !r.Aliases.Only || r.Aliases.Items[0].Text != "a@example.org" || r.Groups.Without[0].Column != "remove_groups" || r.Attributes[0].Value != directory.Clear || r.Attributes[1].Value != "3" {
		t.Errorf("%v %+v", err, r)
	}
}

// TestEverySettingIsSaid: the settings of an organisation are those of the directory.
func TestEverySettingIsSaid(t *testing.T) {
	want := names(reflect.TypeFor[directory.Settings]())
	for _, shape := range []reflect.Type{reflect.TypeFor[client.Settings](), reflect.TypeFor[client.SettingsChange]()} {
		if got := names(shape); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
			t.Errorf("%s has %v, want %v", shape, got, want)
		}
	}
	all := directory.Settings{}
	v := reflect.ValueOf(&all).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Int:
			f.SetInt(int64(i + 1))
		case reflect.String:
			f.SetString(v.Type().Field(i).Name)
		}
	}
	here, _ := json.Marshal(all)
	there, _ := json.Marshal(Settings(all))
	a, b := map[string]any{}, map[string]any{}
	if json.Unmarshal(here, &a) != nil || json.Unmarshal(there, &b) != nil || !maps.Equal(a, b) {
		t.Errorf("%s is said as %s", here, there)
	}
}

func TestWordsOfRows(t *testing.T) {
	f, err := RowFilter([]string{"error", "unchanged", "pending", "warning"})
	if err != nil || !f.Warned || len(f.Actions) != 2 || len(f.Outcomes) != 2 || f.Outcomes[1] != importer.Pending {
		t.Errorf("%+v %v", f, err)
	}
	if _, err := RowFilter([]string{"bad"}); !RowWordUnknown.Is(err) {
		t.Error(err)
	}
}
