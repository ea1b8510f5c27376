package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
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

	// Org is whose entry it is: the user's organisation as it was then, or that of the
	// group, domain, format, settings or import. FormerOrg is the one that a user left by
	// it, whose entry it is too. What belongs to no single one, such as the secret key, is
	// the master's, and so is what has none.
	Org       string
	FormerOrg string

	Address string // the user's present one, when the history is read; "" of one who is gone
}

// HistoryFilter says which entries of the history are wanted; what is not set does not
// restrict.
type HistoryFilter struct {
	User         ID
	Import       int64
	Actor, Door  string
	Org          string    // and those below it
	Since, Until time.Time // from this moment on, and before that one
	After        ID        // those behind this one, in the order in which they come
	Limit        int       // 0: all
	OldestFirst  bool

	// Orgs are those whose entries are wanted, in place of Org; nil are all.
	Orgs []string
}

// History calls f for each change of a user, the latest first. Whoever may read the
// user reads all of it, also what was in another organisation.
func (s *Service) History(ctx context.Context, actor Actor, name string, f func(Entry) error) error {
	if _, err := s.allowed(ctx, actor, HistoryRead); err != nil {
		return err
	}
	u, err := s.User(ctx, actor, name)
	if err != nil {
		return err
	}
	return s.Store.History(ctx, HistoryFilter{User: u.ID}, f)
}

// Entries calls f for each entry of the history that fits, and that is of an
// organisation whose history the actor may read.
func (s *Service) Entries(ctx context.Context, actor Actor, filter HistoryFilter, f func(Entry) error) error {
	catalog, err := s.allowed(ctx, actor, HistoryRead)
	if err != nil {
		return err
	}
	root := strings.ToUpper(cmp.Or(filter.Org, actor.Org))
	if err := catalog.covers(actor, root); err != nil {
		return err
	}
	filter.Orgs = nil
	if root != Master {
		for _, o := range catalog.Organisations(root) {
			filter.Orgs = append(filter.Orgs, o.Code)
		}
	}
	return s.Store.History(ctx, filter, f)
}

// Note writes down what the actor does with all of the directory and what changes nothing
// in it, such as a backup, if the actor has the permission for all of it.
func (s *Service) Note(ctx context.Context, actor Actor, p Permission, subject, action string) error {
	if err := actor.MayEverywhere(p); err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx AdminTx) error {
		return tx.AddHistory(ctx, []Entry{{ID: NewID(), At: s.Now(), Actor: actor.Address, Door: actor.Door, Org: Master,
			Subject: subject, Action: action}})
	})
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
