// Package directory holds the words of Muster and the rules that every door
// obeys: organisations, domains, users, addresses, groups, attributes,
// delegates, roles. There is no second place where a rule is written.
//
// # From intent to change
//
// A Record is intent: what a row of a file, or one command, wants of one user. A
// Judge compares records with the directory, a batch at a time, with one look at
// the database: a Snapshot. It gives a Verdict on each: an Action, the Changes
// (one value, from what to what) and the Issues, all of them and not only the
// first. It changes nothing. Rules tell how records of one source are to be
// read; sources differ in them and in nothing else. A Numberer gives generated
// addresses their numbers when all rows of a batch are known.
//
// Carry brings verdicts, as Deeds, into the database, with the history, in one
// transaction. Change.Reverse is what an undo stands on: reversed changes in
// reverse order give back the user as it was. JudgeUndo judges what of a row's
// changes can go back (undo.go): of a user whom the row made (undo_made.go) or
// changed (undo_changed.go), after the rows that are undone before it
// (undo_local.go), with the rights that it takes (undo_rights.go); TakeBack brings
// it into the database (undo_carry.go).
//
// The judge's work is divided by what is judged: finding the user
// (judge_match.go), values (judge_values.go), statuses, organisation and rights
// (judge_status.go), addresses, groups, attributes and delegates
// (judge_lists.go), e-mail accounts (account.go, judge_account.go, undo_account.go), the
// password (judge_password.go).
//
// # Who may do what
//
// Service is what doors call for changes by hand and for reading. An Actor has a
// role, and rights over the subtree of an organisation. Both are checked here:
// for users by the judge, for everything else by Service itself (admin.go,
// admin_groups.go). What an administrator changes stands in the history, from
// what to what (history.go). testdata/roles.txt is the table of every role
// against every operation, and testdata/protected.txt tells who reaches whom;
// tests hold the code to both.
//
// # What is where
//
// field.go lists the fields of a user; columns, headings, flags and JSON follow
// from it. Catalog has what all rules look things up in: organisations, domains
// and groups, and the settings in force. The database is asked for through the
// interfaces Reader, Tx, AdminTx and Store, which package store fulfils; what
// must be unique is unique there too.
package directory
