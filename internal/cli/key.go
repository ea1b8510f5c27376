package cli

import "muster/internal/directory"

type keyCommands struct {
	Change keyChangeCommand `cmd:"" help:"Make a new secret key, and seal with it all that is sealed."`
}

type keyChangeCommand struct{}

// Run changes the secret key.
func (c *keyChangeCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if err := actor.MayEverywhere(directory.KeyChange); err != nil {
		return err
	}
	bar := s.progress()
	n, err := core.ChangeKey(s.ctx, actor, bar.rows("sealing"))
	bar.stop()
	if err != nil {
		return err
	}
	s.say("Save %s anew, in another place than the backups. Backups made before open with the former key only. "+
		"Copy it to every machine that uses the database, and start muster serve and muster work there again.", core.KeyFile)
	if s.globals.JSON {
		return s.printJSON(object{{"key", core.KeyFile}, {"sealed", n}})
	}
	s.print("Changed: %s; %s sealed anew.", clean(core.KeyFile), counted(n, "value"))
	return nil
}
