package cli

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/vbauerster/mpb/v8/decor"

	"muster/internal/backup"
	"muster/internal/directory"
	"muster/internal/importer"
)

type backupCommand struct {
	File string `arg:"" help:"Where to write; - is standard output."`
}

// Run saves all that the database has.
func (c *backupCommand) Run(s *session) error {
	if err := c.check(s); err != nil {
		return err
	}
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if err := s.noteBackup(core, actor); err != nil {
		return err
	}
	began, size := time.Now(), int64(0)
	var made *backup.Summary
	err = s.writeWhole(c.File, func(to io.Writer) (err error) {
		bar := s.progress()
		defer bar.stop()
		head := backup.Head{Program: s.process.Version, Made: began.UTC().Truncate(time.Second)}
		made, err = core.Backup(s.ctx, measured{to, &size}, head, bar.rows("saving"))
		return err
	})
	if err != nil {
		return err
	}
	s.say("The secret key is not in the backup. Keep %s as well, in another place: no other key opens what is sealed.", core.KeyFile)
	if toStandardOutput(c.File) {
		return nil
	}
	return s.printBackup("Saved", c.File, made, size, time.Since(began))
}

// noteBackup writes into the history that all is read, before it is. What cannot be
// written can still be saved, by whoever runs the machine.
func (s *session) noteBackup(core *Core, actor directory.Actor) error {
	err := core.Directory.Note(s.ctx, actor, directory.BackupsMake, "database", "backup")
	if reason := s.process.Unavailable(err); reason != "" && s.globals.As == "" {
		s.say("That this backup is made will not stand in the history: %s.", reason)
		return nil
	}
	return err
}

func (c *backupCommand) check(s *session) error {
	switch {
	case !toStandardOutput(c.File):
		return s.checkOutput(c.File)
	case s.globals.JSON:
		return usage("the backup itself is no JSON; name a file")
	case isTerminal(s.process.Stdout):
		return usage("a backup is nothing to be read at a terminal; name a file")
	}
	return nil
}

type restoreCommand struct {
	File string `arg:"" help:"The backup; - is standard input."`
}

// Run brings a backup back.
func (c *restoreCommand) Run(s *session) error {
	if s.globals.As != "" {
		return usage("a backup is restored by whoever runs the machine; a fresh database has no users, and so does not allow --as")
	}
	settings, err := s.settings()
	if err != nil {
		return err
	}
	began, size := time.Now(), int64(0)
	file, err := s.openBackup(c.File, &size)
	if err != nil {
		return err
	}
	defer file.Close()
	bar := s.progress()
	made, note, err := s.process.Restore(s.ctx, settings, file, bar.rows("restoring"))
	bar.stop()
	if note != "" {
		s.say("%s", note)
	}
	if err != nil {
		return c.notRestored(s, err)
	}
	return s.printBackup("Restored", c.File, made, size, time.Since(began))
}

// notRestored says what keeps a backup from being restored.
func (c *restoreCommand) notRestored(s *session, err error) error {
	var known failure
	if errors.As(err, &known) || errors.Is(err, context.Canceled) || s.process.Unavailable(err) != "" {
		return err
	}
	return refused("The backup %s was not restored, and nothing was changed: %s.", clean(c.File), err)
}

// printBackup prints what a backup has.
func (s *session) printBackup(done, path string, b *backup.Summary, size int64, took time.Duration) error {
	if s.globals.JSON {
		tables := object{}
		for _, t := range b.Tables {
			tables = append(tables, member{t.Table, t.Rows})
		}
		return s.printJSON(object{{"file", path}, {"made", b.Made}, {"program", b.Program}, {"schema", b.Schema}, {"rows", b.Rows}, {"tables", tables},
			{"bytes", size}, {"seconds", took.Round(time.Millisecond).Seconds()}})
	}
	s.print("%s: %s, made %s by Muster %s", done, clean(path), b.Made.Local().Format("2 January 2006 at 15:04"), clean(b.Program))
	rows := [][]string{{"  table", "rows"}}
	for _, t := range b.Tables {
		rows = append(rows, []string{"  " + t.Table, strconv.FormatInt(t.Rows, 10)})
	}
	s.table(rows)
	s.print("%s, % .1f, in %s", counted(b.Rows, "row"), decor.SizeB1024(size), took.Round(100*time.Millisecond))
	return nil
}

// rows reports rows to a bar of a stage.
func (p *progress) rows(stage string) func(done, total int64) {
	return func(done, total int64) {
		if p.bars != nil {
			p.report(importer.Progress{Stage: stage, Done: done, Total: total})
		}
	}
}
