package cli

// Schema tells how far the schema of the database is.
type Schema struct {
	Has, Needs int    // versions: of the database, and of this program
	Note       string // what was set up, if anything
}

type migrateCommands struct {
	Status migrateStatusCommand `cmd:"" help:"Tell whether the schema of the database is what this program needs."`
	Up     migrateUpCommand     `cmd:"" help:"Bring the schema up to date, and set a fresh database up."`
}

type migrateStatusCommand struct{}

// Run tells how far the schema is, and changes nothing.
func (c *migrateStatusCommand) Run(s *session) error {
	schema, err := s.migrate(false)
	if err != nil {
		return err
	}
	if err := s.schema(schema); err != nil || schema.Has == schema.Needs {
		return err
	}
	if schema.Has > schema.Needs {
		return refused("The database was changed by a newer Muster; use that one.")
	}
	return refused("The schema is not up to date; muster migrate up changes that.")
}

type migrateUpCommand struct{}

// Run brings the schema up to date. Other commands do so too when they start; this
// one does nothing else. A fresh database has nobody for whom it could act.
func (c *migrateUpCommand) Run(s *session) error {
	schema, err := s.migrate(true)
	if err != nil {
		return err
	}
	if schema.Note != "" {
		s.say("%s", schema.Note)
	}
	return s.schema(schema)
}

func (s *session) migrate(up bool) (schema Schema, err error) {
	settings, err := s.settings()
	if err != nil {
		return schema, err
	}
	if schema, err = s.process.Migrate(s.ctx, settings, up, up && s.globals.As == ""); err != nil {
		err = unreachable(err)
	}
	return schema, err
}

func (s *session) schema(schema Schema) error {
	if s.globals.JSON {
		return s.printJSON(object{{"database", s.database()}, {"schema", schema.Has}, {"needed", schema.Needs}, {"up_to_date", schema.Has == schema.Needs}})
	}
	s.print("The schema of %s is version %d; this program needs %d.", clean(s.database()), schema.Has, schema.Needs)
	return nil
}
