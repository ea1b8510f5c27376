package cli

import (
	"io"
	"strings"
	"time"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/history"
	"muster/internal/wire"
)

type historyCommands struct {
	List   historyListCommand   `cmd:"" help:"List who changed what, when, by which door, from what to what; the latest first."`
	Export historyExportCommand `cmd:"" help:"Write the history as JSON lines, the oldest first."`
	Seal   historySealCommand   `cmd:"" help:"Seal what is new, as muster serve and muster work do every minute."`
	Verify historyVerifyCommand `cmd:"" help:"Look for entries that were altered, removed or put in between after they were sealed."`
}

// historyFilter says which entries are wanted.
type historyFilter struct {
	User   string `help:"Only what concerns this user; an id names one who is gone." placeholder:"ADDRESS"`
	Import int64  `help:"Only what this import did." placeholder:"N"`
	Actor  string `help:"Only what this administrator did, or operator." placeholder:"ADDRESS"`
	Door   string `help:"Only what came by this door, such as command or api." placeholder:"NAME"`
	Org    string `help:"Only what belongs to this organisation and those below it." placeholder:"CODE"`
	Since  string `help:"Only from this day or moment on, such as 2026-03-01 or 2026-03-01T09:00." placeholder:"TIME"`
	Until  string `help:"Only before this day or moment." placeholder:"TIME"`
}

// filter is what the flags mean.
func (c *historyFilter) filter(s *session, core *Core, actor directory.Actor) (f directory.HistoryFilter, err error) {
	f = directory.HistoryFilter{Import: c.Import, Actor: c.Actor, Door: c.Door, Org: c.Org}
	if f.Since, err = timeOf("--since", c.Since); err != nil {
		return f, err
	}
	if f.Until, err = timeOf("--until", c.Until); err != nil || c.User == "" {
		return f, err
	}
	if f.User, err = directory.ParseID(c.User); err == nil {
		return f, nil
	}
	u, err := core.Directory.User(s.ctx, actor, c.User)
	if err == nil {
		f.User = u.ID
	}
	return f, err
}

// wanted is the choice as a server takes it.
func (c *historyFilter) wanted() (f client.HistoryFilter, err error) {
	f = client.HistoryFilter{User: c.User, Import: c.Import, Actor: c.Actor, Door: c.Door, Org: c.Org}
	if f.Since, err = timeOf("--since", c.Since); err != nil {
		return f, err
	}
	f.Until, err = timeOf("--until", c.Until)
	return f, err
}

// timeOf reads a day or a moment, of the machine's time zone where it names none.
func timeOf(flag, text string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	if text == "" {
		return time.Time{}, nil
	}
	return time.Time{}, usage("%s takes a day or a moment, such as 2026-03-01 or 2026-03-01T09:00, not %q", flag, text)
}

type historyListCommand struct {
	historyFilter
	Limit int `help:"At most so many entries; 0 is all." default:"100"`
}

// Run lists entries of the history.
func (c *historyListCommand) Run(s *session) error {
	if c.Limit < 0 {
		return usage("--limit is 0 or more")
	}
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	filter, err := c.filter(s, core, actor)
	if err != nil {
		return err
	}
	filter.Limit = c.Limit
	return core.Directory.Entries(s.ctx, actor, filter, func(e directory.Entry) error {
		if s.globals.JSON {
			return s.printJSON(wire.HistoryEntry(e))
		}
		s.entryText(e)
		return nil
	})
}

// entryText is historyText with what the entry is about.
func (s *session) entryText(e directory.Entry) {
	what := e.Subject
	switch {
	case e.Address != "":
		what = wire.Address(e.Address)
	case !e.UserID.IsZero():
		what = "user " + e.UserID.String() + " (gone)"
	}
	if e.Org != "" {
		what += " (" + e.Org + ")"
	}
	s.print("%s", s.style.bold(clean(what)))
	s.historyText(e)
}

type historyExportCommand struct {
	historyFilter
	Output string `short:"o" help:"Where to write; - is standard output." placeholder:"FILE" default:"-"`
}

// check lets JSON lines through to standard output, also with --json.
func (c *historyExportCommand) check(s *session) error {
	if toStandardOutput(c.Output) {
		return nil
	}
	return s.checkOutput(c.Output)
}

// Run exports the history.
func (c *historyExportCommand) Run(s *session) error {
	if err := c.check(s); err != nil {
		return err
	}
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	filter, err := c.filter(s, core, actor)
	if err != nil {
		return err
	}
	filter.OldestFirst = true
	return c.write(s, func(f func(*client.HistoryEntry) error) error {
		return core.Directory.Entries(s.ctx, actor, filter, func(e directory.Entry) error { return f(wire.HistoryEntry(e)) })
	})
}

// write writes entries, a line each.
func (c *historyExportCommand) write(s *session, each func(func(*client.HistoryEntry) error) error) error {
	n := int64(0)
	err := s.writeWhole(c.Output, func(to io.Writer) error {
		return each(func(e *client.HistoryEntry) error {
			line, err := compact(e)
			if err == nil {
				_, err = to.Write(append(line, '\n'))
			}
			n++
			return err
		})
	})
	switch {
	case err != nil || toStandardOutput(c.Output):
		return err
	case s.globals.JSON:
		return s.printJSON(object{{"file", c.Output}, {"entries", n}})
	}
	s.print("%s written to %s.", counted(n, "entry"), clean(c.Output))
	return nil
}

type historySealCommand struct{}

// Run seals what is new.
func (c *historySealCommand) Run(s *session) error {
	if s.globals.As != "" {
		return usage("to seal the history is the operator's: leave --as out")
	}
	core, _, err := s.attach()
	if err != nil {
		return err
	}
	n, err := core.History.Seal(s.ctx)
	switch {
	case err != nil:
		return err
	case s.globals.JSON:
		return s.printJSON(object{{"sealed", n}})
	}
	s.print("Sealed: %s.", counted(n, "entry"))
	return nil
}

type historyVerifyCommand struct{}

// Run verifies what is sealed.
func (c *historyVerifyCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if err := actor.MayEverywhere(directory.HistoryRead); err != nil {
		return err
	}
	bar := s.progress()
	r, err := core.History.Verify(s.ctx, bar.rows("verifying"))
	bar.stop()
	if err != nil {
		return err
	}
	if err := s.printReport(r); err != nil {
		return err
	}
	if r.Found > 0 {
		return refused("The history was changed after it was sealed: %s.", counted(r.Found, "finding"))
	}
	return nil
}

func (s *session) printReport(r *history.Report) error {
	if s.globals.JSON {
		findings := make([]object, 0, len(r.Findings))
		for _, f := range r.Findings {
			findings = append(findings, object{{"kind", f.Kind}, {"block", f.Block}, {"entry", f.Entry.String()}, {"at", wire.Moment(f.At)}, {"message", f.Text}})
		}
		return s.printJSON(object{{"blocks", r.Blocks}, {"sealed", r.Sealed}, {"unsealed", r.Unsealed}, {"newest", r.Newest.Number}, {"seal", r.Newest.SealText()},
			{"findings", findings}, {"findings_total", r.Found}})
	}
	for _, f := range r.Findings {
		s.print("%s", s.style.red(clean(f.Text)))
		if !f.Entry.IsZero() {
			s.print("  %s, made %s", f.Entry, moment(f.At))
		}
	}
	s.print("%s in %s; %s not sealed yet.", counted(r.Sealed, "sealed entry"), counted(r.Blocks, "block"), counted(r.Unsealed, "entry"))
	if r.Blocks > 0 {
		s.print("The newest is block %d, of %s, with the seal %s.", r.Newest.Number, strings.TrimSpace(moment(r.Newest.At)), r.Newest.SealText())
	}
	return nil
}
