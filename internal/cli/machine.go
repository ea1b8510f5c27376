package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"muster/internal/config"
)

type versionCommand struct{}

// Run prints the version.
func (c *versionCommand) Run(s *session) error {
	if s.globals.JSON {
		return s.printJSON(object{{"version", s.process.Version}})
	}
	s.print("muster %s", s.process.Version)
	return nil
}

type configCommands struct {
	Check configCheckCommand `cmd:"" help:"Name unknown settings and bad values, with their lines."`
	Dump  configDumpCommand  `cmd:"" help:"Show what is in force and where it comes from, as a commented file."`
}

type configCheckCommand struct{}

// Run checks the configuration.
func (c *configCheckCommand) Run(s *session) error {
	settings, problems, err := config.Load(s.process.Env)
	if err != nil {
		return usage("%s", err)
	}
	wrong := 0
	for _, p := range problems {
		if !p.Warning {
			wrong++
		}
		if s.globals.JSON {
			err = errors.Join(err, s.printJSON(object{{"where", p.Where}, {"message", p.Message}, {"warning", p.Warning}}))
			continue
		}
		s.print("%s", clean(p.String()))
	}
	switch {
	case err != nil:
		return err
	case wrong > 0:
		return refused("The configuration has %s.", counted(wrong, "problem"))
	case s.globals.JSON && len(problems) == 0:
		return s.printJSON(object{{"where", fileOf(settings)}, {"message", "The configuration is in order."}, {"warning", false}})
	case !s.globals.JSON:
		s.print("The configuration is in order (%s).", fileOf(settings))
	}
	return nil
}

func fileOf(c *config.Config) string {
	if c.File == "" {
		return "no file; environment and defaults"
	}
	return clean(c.File)
}

type configDumpCommand struct{}

// Run shows what is in force, secrets masked.
func (c *configDumpCommand) Run(s *session) error {
	settings, err := s.settings()
	if err != nil {
		return err
	}
	table := ""
	for _, v := range settings.Values() {
		if s.globals.JSON {
			if err := s.printJSON(object{{"name", v.Name}, {"value", valueJSON(v)}, {"from", v.From}, {"variable", v.Variable()}}); err != nil {
				return err
			}
			continue
		}
		table = s.dumpText(v, table)
	}
	return nil
}

func valueJSON(v config.Value) any {
	if v.IsNumber() {
		return json.Number(v.Text)
	}
	return v.Shown()
}

// dumpText prints a setting as it would stand in the file, after the head of
// its table where that is another than the last one's.
func (s *session) dumpText(v config.Value, before string) (table string) {
	key := v.Name
	if i := strings.LastIndex(v.Name, "."); i >= 0 {
		table, key = v.Name[:i], v.Name[i+1:]
	}
	if table != before {
		s.print("[%s]", table)
	}
	s.print("# %s", v.Help)
	s.print("# %s; in force: from %s", v.Variable(), clean(v.From))
	text := fmt.Sprintf("%q", v.Shown())
	if v.IsNumber() {
		text = v.Text
	}
	s.print("%s = %s\n", key, text)
	return table
}

type doctorCommand struct{}

// Run looks at everything that Muster needs.
func (c *doctorCommand) Run(s *session) error {
	settings, err := s.settings()
	if err != nil {
		return err
	}
	failed, down := 0, false
	for _, f := range s.process.Examine(s.ctx, settings) {
		if f.Level == "fail" {
			failed++
		}
		down = down || f.Down
		if s.globals.JSON {
			if err := s.printJSON(f); err != nil {
				return err
			}
			continue
		}
		s.finding(f)
	}
	switch {
	case down:
		return unreachable(sentence("The database cannot be reached."))
	case failed > 0:
		return refused("The examination has found %s.", counted(failed, "failure"))
	}
	return nil
}

func (s *session) finding(f Finding) {
	mark := fmt.Sprintf("%-4s", f.Level)
	switch f.Level {
	case "ok":
		mark = s.style.green(mark)
	case "warn":
		mark = s.style.yellow(mark)
	default:
		mark = s.style.red(mark)
	}
	s.print("%s  %s: %s", mark, f.What, clean(f.Text))
	if f.Cure != "" {
		s.wrap(6, "→ "+f.Cure)
	}
}
