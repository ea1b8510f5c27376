package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// examples are shown by the help of each command; a test parses every one.
var examples = map[string][]string{
	"plan":    {"muster plan staff.csv", "muster plan starters.csv --format nhsmail --org RX1", "muster plan staff.xlsx --sheet Starters", "muster plan staff.csv --partial --group Wards/Night --note \"New in August\""},
	"apply":   {"muster apply 7", "muster apply 7 --confirm 212", "muster apply 7 --detach"},
	"import":  {"muster import staff.csv", "muster import staff.csv --yes --json", "muster import staff.csv --yes --detach"},
	"imports": {"muster imports"},
	"show":    {"muster show 7", "muster show 7 --rows --only error,warning"},
	"results": {"muster results 7 -o results.csv", "muster results 7 --failed-only -o mend.csv"},
	"resume":  {"muster resume 7"},
	"undo":    {"muster undo 7 --plan", "muster undo 7", "muster undo 7 --confirm 212"},
	"cancel":  {"muster cancel 7"},

	"row set":       {"muster row set 7 17 --cell \"Last Name=Bevan\" --cell C=Nurse", "muster row set 7 17 --cell-stdin Password"},
	"row leave-out": {"muster row leave-out 7 17 23"},
	"row take-in":   {"muster row take-in 7 17"},

	"formats list":   {"muster formats", "muster formats list --org RX1"},
	"formats show":   {"muster formats show google-workspace"},
	"formats map":    {"muster formats map staff.csv --name staff -o staff.toml", "muster formats map staff.csv --name staff --set \"Station=department\" --set \"Shoe Size=\""},
	"formats check":  {"muster formats check staff.toml"},
	"formats add":    {"muster formats add staff.toml", "muster formats add staff.toml --org RX1"},
	"formats delete": {"muster formats delete staff --org RX1"},

	"sample": {"muster sample nhsmail -o starters.csv", "muster sample muster -o staff.xlsx"},

	"report mailbox": {"muster report mailbox -o people.xlsx", "muster report mailbox --org RX1 -o riverside.csv"},
	"user list":      {"muster user list --search khan", "muster user list --org RX1 --status leaver", "muster user list --json"},
	"user show":      {"muster user show amina.khan@example.org"},
	"user history":   {"muster user history amina.khan@example.org"},
	"user add":       {"muster user add amina.khan@example.org --name \"Amina Khan\" --org RX1 --submit", "muster user add ward@example.org --type shared --alias night@example.org --password-file FILE"},
	"user set":       {"muster user set amina.khan@example.org --job-title Registrar --no-pop", "muster user set amina.khan@example.org --rename-to amina.bell@example.org --clear pager", "muster user set amina.khan@example.org --attribute Building=East", "muster user set amina.khan@example.org --remove-delegate night.ward@example.org"},
	"user delete":    {"muster user delete amina.khan@example.org"},
	"user lock":      {"muster user lock amina.khan@example.org"},
	"user unlock":    {"muster user unlock amina.khan@example.org"},
	"user leaver":    {"muster user leaver amina.khan@example.org"},
	"user join":      {"muster user join amina.khan@example.org --org RX2"},
	"user transfer":  {"muster user transfer amina.khan@example.org --org RX2"},
	"user password":  {"muster user password amina.khan@example.org --generate", "muster user password amina.khan@example.org --password-stdin --must-change-password"},

	"user sessions":      {"muster user sessions amina.khan@example.org"},
	"user sign-out":      {"muster user sign-out amina.khan@example.org"},
	"user second-factor": {"muster user second-factor amina.khan@example.org", "muster user second-factor amina.khan@example.org --remove"},

	"user account list":   {"muster user account list amina.khan@example.org"},
	"user account set":    {"muster user account set amina.khan@example.org --type email --account amina@mail.example --display-name \"Amina Khan\" --incoming-user amina --outgoing-user amina --incoming-password-stdin", "muster user account set amina.khan@example.org --type exchange --account amina@corp.example --user amina --domain CORP --password-file FILE"},
	"user account delete": {"muster user account delete amina.khan@example.org --type email --account amina@mail.example"},

	"notification list": {"muster notification list --unread --as amina.khan@example.org", "muster notification list --server https://muster.example.org --json"},
	"notification read": {"muster notification read 019cacb0-dd40-76a4-9ffb-eb4ee3cd44fb --as amina.khan@example.org", "muster notification read --all --as amina.khan@example.org"},

	"token add":    {"muster token add --name \"Rota\" --role Basic --org RX1", "muster token add --name \"Reports\" --role Auditor --expires 30 --json"},
	"token list":   {"muster token list"},
	"token revoke": {"muster token revoke 019cacb0-dd40-76a4-9ffb-eb4ee3cd44fb"},

	"group list":          {"muster group list --org RX1"},
	"group show":          {"muster group show Wards/Night --org RX1"},
	"group add":           {"muster group add Wards --org RX1", "muster group add Wards/Night --org RX1"},
	"group set":           {"muster group set Wards/Night --org RX1 --name Late", "muster group set Wards/Late --org RX1 --root"},
	"group delete":        {"muster group delete Wards/Night --org RX1"},
	"group member add":    {"muster group member add Wards/Night amina.khan@example.org --org RX1 --note \"Until May\""},
	"group member delete": {"muster group member delete Wards/Night amina.khan@example.org --org RX1"},

	"history list":   {"muster history list --since 2026-03-01 --org RX1", "muster history list --user amina.khan@example.org --json", "muster history list --import 7 --limit 0"},
	"history export": {"muster history export -o history.jsonl", "muster history export --actor helper@example.org --since 2026-03-01T09:00"},
	"history seal":   {"muster history seal"},
	"history verify": {"muster history verify", "muster history verify --json"},

	"attribute list":   {"muster attribute list"},
	"attribute add":    {"muster attribute add Building"},
	"attribute set":    {"muster attribute set Building --name Site"},
	"attribute delete": {"muster attribute delete Building"},

	"domain list":   {"muster domain list"},
	"domain add":    {"muster domain add example.org", "muster domain add example.com --org RX1 --validation directory --auto-create"},
	"domain set":    {"muster domain set example.org --validation any --no-closed"},
	"domain delete": {"muster domain delete example.com"},

	"org list":   {"muster org list --json"},
	"org add":    {"muster org add RX1 --name \"Riverside Trust\"", "muster org add RX1A --name \"Riverside North\" --parent RX1"},
	"org set":    {"muster org set RX1 --default-domain example.org --mailbox-max 50", "muster org set RX1 --address-pattern {f}.{last} --passwords none"},
	"org delete": {"muster org delete RX1A"},

	"backup":         {"muster backup muster.backup", "muster backup - > muster.backup"},
	"restore":        {"muster restore muster.backup"},
	"key change":     {"muster key change"},
	"config check":   {"muster config check"},
	"config dump":    {"muster config dump > example.toml"},
	"doctor":         {"muster doctor"},
	"migrate status": {"muster migrate status"},
	"migrate up":     {"muster migrate up"},
	"completion":     {"muster completion bash > muster.bash"},
	"version":        {"muster version"},
	"work":           {"muster work"},
	"serve":          {"muster serve"},
}

// addExamples shows the examples in the help of their commands.
func addExamples(node *kong.Node) error {
	for _, child := range node.Children {
		if err := addExamples(child); err != nil {
			return err
		}
	}
	if len(node.Children) > 0 {
		return nil
	}
	name := commandName(node)
	if len(examples[name]) == 0 {
		return fmt.Errorf("the command %s has no example", name)
	}
	node.Detail = "Examples:\n\n    " + strings.Join(examples[name], "\n    ")
	return nil
}

// commandName is what is typed to call a command, without the program.
func commandName(node *kong.Node) string {
	if node.Parent == nil || node.Parent.Parent == nil {
		return node.Name
	}
	return commandName(node.Parent) + " " + node.Name
}
