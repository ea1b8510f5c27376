package directory

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Entry is one entry of the history: who changed what, when and by which door.
// The changes of an import's row stand with that row and are not repeated.
type Entry struct {
	ID      ID
	At      time.Time
	Actor   string
	Door    string
	Import  int64
	Row     int
	UserID  ID     // whom it concerns; none where it is not a user
	Subject string // what it concerns where it is not a user: "domain example.org"
	Action  string
	Changes []Change
}

// differences returns what lies between two states of a thing, one change for
// each of its values by name. Nil is the state of what there is not.
func differences(old, now map[string]string) (changes []Change) {
	names := maps.Clone(old)
	if names == nil {
		names = map[string]string{}
	}
	maps.Copy(names, now)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if old[name] != now[name] {
			changes = append(changes, Change{Field: name, Old: old[name], New: now[name]})
		}
	}
	return changes
}

// values are what the history tells of an organisation: its name, what it lies
// below, and each setting of its own.
func (o *Organisation) values() map[string]string {
	values := map[string]string{"name": o.Name, "parent": o.Parent}
	text, _ := json.Marshal(o.Settings) // of texts and numbers, which cannot fail
	var settings map[string]any
	_ = json.Unmarshal(text, &settings)
	flatten(values, "", settings)
	return values
}

// flatten notes every value of a JSON object, the inner ones by "outer.inner".
func flatten(values map[string]string, prefix string, object map[string]any) {
	for name, value := range object {
		if inner, ok := value.(map[string]any); ok {
			flatten(values, prefix+name+".", inner)
		} else {
			values[prefix+name] = fmt.Sprint(value)
		}
	}
}

func (d *Domain) values() map[string]string {
	return map[string]string{"org": d.Org, "validation": d.Validation,
		"auto_create": strconv.FormatBool(d.AutoCreate), "closed": strconv.FormatBool(d.Closed)}
}

// values are what the history of a group tells of a member; nil is none.
func (m *Member) values() map[string]string {
	if m == nil {
		return nil
	}
	return map[string]string{ChangeMember: m.Address, ChangeNote: m.Note}
}

// tellMember tells what became of a member of a group. A note bears the
// member's address, which does not change with it.
func (e *Entry) tellMember(was, is *Member) {
	if was != nil && is != nil {
		e.Action = "set member"
	}
	e.Changes = differences(was.values(), is.values())
	for i, c := range e.Changes {
		if c.Field == ChangeNote && is != nil {
			e.Changes[i].Ref = is.Address
		}
	}
}
