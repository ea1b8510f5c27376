package cli

import (
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"muster/internal/directory"
)

// globals are the flags that every command has.
type globals struct {
	As   string `help:"Act as this user, with the rights of their role." placeholder:"ADDRESS"`
	JSON bool   `name:"json" help:"Print JSON, one object a line."`

	Server    string `help:"Run against the Muster at this URL instead, with the token in MUSTER_TOKEN." placeholder:"URL"`
	TokenFile string `help:"File with the token for --server." placeholder:"FILE"`
}

// grammar is the command: kong reads commands, arguments and flags from it.
type grammar struct {
	globals

	Plan    planCommand    `cmd:"" group:"imports" help:"Show what a file would change, and keep the plan."`
	Apply   applyCommand   `cmd:"" group:"imports" help:"Carry a plan out."`
	Import  importCommand  `cmd:"" group:"imports" help:"Plan a file, show the summary, ask, and apply it."`
	Imports importsCommand `cmd:"" group:"imports" help:"List the imports, the latest first."`
	Show    showCommand    `cmd:"" group:"imports" help:"Show an import, or each of its rows."`
	Results resultsCommand `cmd:"" group:"imports" help:"Write the file again, with what became of each row."`
	Resume  resumeCommand  `cmd:"" group:"imports" help:"Go on with an import that was interrupted."`
	Row     rowCommands    `cmd:"" group:"imports" help:"Mend a row of a plan, leave it out, or take it in again."`
	Undo    undoCommand    `cmd:"" group:"imports" help:"Take back what an import changed."`
	Cancel  cancelCommand  `cmd:"" group:"imports" help:"End an import; what was applied stays."`
	Formats formatCommands `cmd:"" group:"imports" help:"List the formats that a file may have, and add your own."`
	Sample  sampleCommand  `cmd:"" group:"imports" help:"Write the template of a format."`

	User         userCommands         `cmd:"" group:"directory" help:"List, add, change and delete users."`
	Report       reportCommands       `cmd:"" group:"directory" help:"Write reports."`
	Group        groupCommands        `cmd:"" group:"directory" help:"List, add, change and delete groups, and their members."`
	Attribute    attributeCommands    `cmd:"" group:"directory" help:"List, add, rename and delete attributes of users."`
	Domain       domainCommands       `cmd:"" group:"directory" help:"List, add, change and delete mail domains."`
	Org          orgCommands          `cmd:"" group:"directory" help:"List, add, change and delete organisations."`
	History      historyCommands      `cmd:"" group:"directory" help:"Show, export, seal and verify the history of all changes."`
	Notification notificationCommands `cmd:"" group:"directory" help:"List what you are to know, and mark it as read."`
	Token        tokenCommands        `cmd:"" group:"directory" help:"List, add and revoke the bearer tokens of programs."`

	Backup     backupCommand     `cmd:"" group:"machine" help:"Save all that the database has in one file, also while others work."`
	Restore    restoreCommand    `cmd:"" group:"machine" help:"Bring a backup into a fresh database, of either engine."`
	Key        keyCommands       `cmd:"" group:"machine" help:"See to the secret key."`
	Work       workCommand       `cmd:"" group:"machine" help:"Go on with imports in the background, until it is told to stop."`
	Serve      serveCommand      `cmd:"" group:"machine" help:"Be the server: do what muster work does, and answer over HTTP."`
	Config     configCommands    `cmd:"" group:"machine" help:"Check and show the configuration."`
	Doctor     doctorCommand     `cmd:"" group:"machine" help:"Look for what keeps Muster from working."`
	Migrate    migrateCommands   `cmd:"" group:"machine" help:"See to the schema of the database."`
	Completion completionCommand `cmd:"" group:"machine" help:"Write the completion script of a shell."`
	Version    versionCommand    `cmd:"" group:"machine" help:"Print the version."`
}

func newGrammar() *grammar {
	g := &grammar{}
	g.User.Add.Fields = fieldFlags()
	g.User.Set.Fields = fieldFlags()
	return g
}

var groupTitles = kong.ExplicitGroups([]kong.Group{
	{Key: "imports", Title: "Files of people:"},
	{Key: "directory", Title: "The directory:"},
	{Key: "machine", Title: "This machine:"},
	{Key: "fields", Title: "Fields of the user:"},
})

func choices(f directory.Field) string { return strings.Join(f.Spec().Choices, ",") }

// newParser makes the parser of a grammar. Exit is called after help was printed.
func newParser(g *grammar, out, err io.Writer, exit func(int)) (*kong.Kong, error) {
	parser, failed := kong.New(g,
		kong.Name("muster"),
		kong.Description("Muster turns a spreadsheet of people into working mail accounts."),
		kong.Writers(out, err),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, FlagsLast: true, WrapUpperBound: 100}),
		kong.Vars{"origins": choices(directory.Origin), "statuses": choices(directory.Status)},
		groupTitles,
	)
	if failed != nil {
		return nil, failed
	}
	return parser, addExamples(parser.Model.Node)
}
