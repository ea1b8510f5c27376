package importer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/mailaddr"
)

// Summary counts what a plan brings beside users.
type Summary struct {
	Aliases    int64            `json:"aliases"`    // added
	Members    int64            `json:"members"`    // added to groups
	Delegates  int64            `json:"delegates"`  // mailboxes that users of the file may open from then on
	Attributes map[string]int64 `json:"attributes"` // that are new in the directory: how many rows have them
	TakenOver  map[string]int64 `json:"taken_over"` // users of directory synchronisation who are changed, by the domain of their address
}

// NewAttributes returns the names of the attributes that the import makes.
func (s *Summary) NewAttributes() []string { return slices.Sorted(maps.Keys(s.Attributes)) }

// add counts a row about a user, as found; with n = -1 the row counts no longer.
func (s *Summary) add(r *Row, found *directory.User, n int64) {
	for _, c := range r.Changes {
		name, ofAttribute := c.IsAttribute()
		switch {
		case c.New == "":
		case c.Field == directory.ChangeAlias:
			s.Aliases += n
		case c.Field == directory.ChangeGroup:
			s.Members += n
		case c.Field == directory.ChangeDelegate:
			s.Delegates += n
		case ofAttribute:
			s.Attributes = counted(s.Attributes, name, n)
		case c.Field == directory.Origin.String() && c.Old == "directory" && found != nil:
			s.TakenOver = counted(s.TakenOver, found.Domain(), n)
		}
	}
}

// counted adds to one of several counts; those that are 0 are not there.
func counted(counts map[string]int64, name string, n int64) map[string]int64 {
	if counts == nil {
		counts = map[string]int64{}
	}
	if counts[name] += n; counts[name] == 0 {
		delete(counts, name)
	}
	return counts
}

// settleSummary takes the attributes out that the directory has already.
func (p *planner) settleSummary(ctx context.Context) error {
	s := &p.imp.Summary
	return p.step(ctx, func(tx Tx) error {
		for name := range s.Attributes {
			there, err := tx.Attribute(ctx, name)
			if err != nil {
				return err
			}
			if there != "" {
				delete(s.Attributes, name)
			}
		}
		return nil
	})
}

// noteTakenOver tells of the users who belong to directory synchronisation no longer, in
// place of what a plan before its revision told.
func (p *planner) noteTakenOver() {
	before := len(p.imp.FileIssues)
	p.imp.FileIssues = slices.DeleteFunc(p.imp.FileIssues, func(i issue.Issue) bool { return i.Code == directory.TakenOver.Name })
	p.imp.Issues -= int64(before - len(p.imp.FileIssues))
	total, refusing := int64(0), []string(nil)
	for domain, n := range p.imp.Summary.TakenOver {
		if total += n; p.judge.Catalog().DirectoryOnly(domain) {
			refusing = append(refusing, fmt.Sprintf("%d in %s", n, mailaddr.DisplayDomain(domain)))
		}
	}
	if total == 0 {
		return
	}
	i := directory.TakenOver.New("Users of directory synchronisation who are changed, and count as imported from now on: %d.", total)
	if slices.Sort(refusing); len(refusing) > 0 {
		i.Message += fmt.Sprintf(" Mail is refused until the next synchronisation to those in domains that take it only for its users: %s.", strings.Join(refusing, ", "))
	}
	p.imp.FileIssues = append(p.imp.FileIssues, i.Suggest("%s", directory.TakenOver.Cure))
	p.imp.Issues++
}
