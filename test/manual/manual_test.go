// Package manual keeps the parts of the manual that are made from the program
// what the program is: the commands (docs/commands.md), the settings
// (docs/settings.md), and who may do what (docs/permissions.md). The last one
// is a table of every command against every role, and each cell of it is tried
// on a real database (operations_test.go).
//
//	go test ./test/manual -update
//
// writes the pages anew.
package manual

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/internal/cli"
	"muster/internal/config"
	"muster/internal/directory"
)

var update = flag.Bool("update", false, "write the pages of the manual anew")

const mark = "<!-- Written by \"go test ./test/manual -update\". Do not edit. -->\n\n"

// page compares a page of the manual with what it should be.
func page(t *testing.T, name, want string) {
	t.Helper()
	path := filepath.Join("../../docs", name)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/%s is not what the program says; write it anew with go test ./test/manual -update", name)
	}
}

func TestCommands(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The commands\n\n" + mark + commandsHead)
	if err := cli.Manual(&b); err != nil {
		t.Fatal(err)
	}
	page(t, "commands.md", strings.TrimRight(b.String(), "\n")+"\n")
}

const commandsHead = `Every command also has these:

| | |
| --- | --- |
| ` + "`--as ADDRESS`" + ` | Act as this user, with the rights of their role; without it, with all rights. |
| ` + "`--server URL`" + ` | Run against the Muster at this URL instead, with the token in ` + "`MUSTER_TOKEN`" + `; not with what is for the machine itself. |
| ` + "`--token-file FILE`" + ` | Take the token from this file. |
| ` + "`--json`" + ` | Print JSON, one object a line, and nothing else on standard output. |
| ` + "`-h, --help`" + ` | Show the help of the command. |

It ends with 0 when all is done; with 1 when it was refused, when something is in error, failed or was left out, or when
nothing was done although something was to be; with 2 when it was mistyped; with 3 when the database cannot be used. What
ended it with another number than 0 is told on standard error.

`

func TestSettings(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The settings\n\n" + mark + settingsHead)
	b.WriteString("| setting | environment variable | by itself | what it does |\n| --- | --- | --- | --- |\n")
	for _, s := range config.Settings() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", s.Name, s.Variable(), value(s.Default), s.Help)
	}
	page(t, "settings.md", b.String())
}

func value(text string) string {
	if text == "" {
		return "blank"
	}
	return "`" + text + "`"
}

const settingsHead = `These belong to the machine on which Muster runs. What belongs to an organisation is set with ` + "`muster org set`" + `; see
[commands.md](commands.md).

A setting is looked for in the environment, then in the file ` + "`muster.toml`" + ` of the folder that you are in, or in the file that
` + "`MUSTER_CONFIG`" + ` names. In the file, what stands before the last full stop is the name of a table:

    plan_days = 14

    [limits]
    rows = 200000

    [formats.mimecast-connect]
    limit = 2000

A name that Muster does not know, or a value that does not fit, keeps it from working: ` + "`muster config check`" + ` names it with
its line. ` + "`muster config dump`" + ` prints what is in force, and where it comes from, as such a file.

## Where the database and the key are

- The database is the file behind ` + "`sqlite:`" + `. A path that does not begin with ` + "`/`" + ` begins in the folder that you are in: so by
  itself each folder has its own database, in ` + "`muster-data/`" + `. To have one for all folders, give a whole path:
  ` + "`MUSTER_DATABASE=sqlite:/var/lib/muster/muster.db`" + `.
- A URL such as ` + "`postgres://muster:PASSWORD@db.example.org/muster`" + ` names a database on a PostgreSQL server (15 or newer), which is
  there already, and empty at first; its user owns it. Special characters of the password are written as in addresses of the web (@ as
  ` + "`%40`" + `). Several machines may work on it, with the same key.
- The key is the file that ` + "`secret_key_file`" + ` names, else ` + "`secret.key`" + ` in the folder of the database, with PostgreSQL
  ` + "`muster-data/secret.key`" + `. It belongs to its
  database: no other opens it, and none is made in place of one that is lost. Save both, and move both.
- Folder, database and key are made, for their owner alone, by the first command that adds an organisation, domain, group,
  user or token, or plans a file, and by ` + "`muster serve`" + ` and ` + "`muster work`" + `. All other commands need a database that is there, and end with 3 where there is none.

## All settings

`

func TestPermissions(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Who may do what\n\n" + mark + permissionsHead)
	roles := directory.RoleNames()
	heads(&b, "permission", roles)
	for _, p := range permissions() {
		fmt.Fprintf(&b, "| `%s` |", p)
		for _, role := range roles {
			fmt.Fprintf(&b, " %s |", tick(directory.Actor{Role: role}.May(p)))
		}
		b.WriteString("\n")
	}
	b.WriteString(operationsHead)
	heads(&b, "operation", roles)
	for _, o := range operations(t) {
		fmt.Fprintf(&b, "| %s |", o)
		for _, role := range roles {
			fmt.Fprintf(&b, " %s |", tick(o.may[role]))
		}
		b.WriteString("\n")
	}
	page(t, "permissions.md", b.String())
}

// permissions are all that a role has, those of most roles first.
func permissions() (list []directory.Permission) {
	seen := map[directory.Permission]bool{}
	names := directory.RoleNames()
	for i := range names {
		for _, p := range directory.Permissions(names[len(names)-1-i]) {
			if !seen[p] {
				seen[p] = true
				list = append(list, p)
			}
		}
	}
	return list
}

func heads(b *strings.Builder, first string, roles []string) {
	fmt.Fprintf(b, "| %s | %s |\n| --- |%s\n", first, strings.Join(roles, " | "), strings.Repeat(" :-: |", len(roles)))
}

func tick(may bool) string {
	if may {
		return "✓"
	}
	return ""
}

const permissionsHead = `A user with a role is an administrator. Their rights cover the organisation that they belong to and those below it, and
nothing else. They have them while their account works: who is locked, disabled or deleted has none, and who is marked as a
leaver loses the role.

Nobody changes the password, second factor, lock, role, aliases or delegates of a user who may do what they themselves may not, nor gives a
role or a token above their own. Nobody locks, deletes or demotes themselves. A file gives the roles Basic, Helpdesk and Gateway only,
and only in the name of a Master.

Without ` + "`--as`" + ` the command has all rights: whoever runs it owns the machine.

`

const operationsHead = `
## Operation by operation

What each role may do in its own organisation: with the command and ` + "`--as`" + `, or with a request of the API (below ` + "`/api/v1`" + `). A command that a role may not carry out changes nothing.
` + "`import`" + ` plans and applies: one who may only plan is left with the plan. A backup has every organisation in it: it takes a
Master of the organisation MASTER, and it is restored by whoever runs the machine.

`
