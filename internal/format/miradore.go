package format

import (
	"strings"
	"unicode/utf8"

	"muster/internal/directory"
)

// The Miradore files have no headings: "check your CSV file and pay attention that
// the data fields are ordered correctly according to your email account type". Their
// columns are named here after that document; in a file they have letters.

// "Email: User email, user display name, email address, incoming server user name,
// incoming server password (optional), outgoing server user name, outgoing server
// password (optional)".
var miradoreEmail = &Format{
	Name:  "miradore-email",
	Title: "Miradore e-mail accounts of type Email",
	Help: "No headings; the columns in this order: user email, user display name, email address, incoming server user name, " +
		"incoming server password (optional), outgoing server user name, outgoing server password (optional). " +
		"The account is added to the user of that address, or updated. A row that fits no user is discarded.",
	Columns: []Column{
		{Heading: "User email", Name: "address", Required: true, Sample: "amina.khan@example.org|rhys.bevan@example.org"},
		{Heading: "User display name", Name: "account.display_name", Required: true, Sample: "Amina Khan|Rhys Bevan"},
		{Heading: "Email address", Name: "account.address", Required: true, Sample: "amina@mail.example|rhys@mail.example"},
		{Heading: "Incoming server user name", Name: "account.incoming_user", Required: true, Sample: "amina|rhys"},
		{Heading: "Incoming server password", Name: "account.incoming_password"},
		{Heading: "Outgoing server user name", Name: "account.outgoing_user", Required: true, Sample: "amina|rhys"},
		{Heading: "Outgoing server password", Name: "account.outgoing_password"},
	},
	Positional: true,
	Account:    directory.EmailAccount,
	Rules:      accountRules,
}

// "Mail for Exchange: User email, Exchange email, Exchange user name, Exchange domain
// (optional), Exchange password (optional)".
var miradoreExchange = &Format{
	Name:  "miradore-exchange",
	Title: "Miradore e-mail accounts of type Mail for Exchange",
	Help: "No headings; the columns in this order: user email, Exchange email, Exchange user name, Exchange domain (optional), " +
		"Exchange password (optional). The account is added to the user of that address, or updated. A row that fits no user is discarded.",
	Columns: []Column{
		{Heading: "User email", Name: "address", Required: true, Sample: "amina.khan@example.org|rhys.bevan@example.org"},
		{Heading: "Exchange email", Name: "account.address", Required: true, Sample: "amina@corp.example|rhys@corp.example"},
		{Heading: "Exchange user name", Name: "account.user", Required: true, Sample: "amina|rhys"},
		{Heading: "Exchange domain", Name: "account.domain", Sample: "CORP|"},
		{Heading: "Exchange password", Name: "account.password"},
	},
	Positional: true,
	Account:    directory.ExchangeAccount,
	Rules:      accountRules,
}

// "If the 'User email' field matches an existing user's email address, the account is
// added or updated. If no user is matched, the line is discarded."
var accountRules = directory.Rules{
	Match:       []string{"address"},
	Unmatched:   directory.DiscardRow,
	Origin:      "import",
	RolesByFile: true,
}

// miradoreUsers is the file of users of the same system, as its public documentation
// describes it.
var miradoreUsers = &Format{
	Name:  "miradore-users",
	Title: "Miradore users",
	Help: "No headings; the columns in this order: email, first name, last name, middle initial (optional), phone (optional). " +
		"The phone is written internationally, as +44 1632 960101. The middle initial becomes an attribute.",
	Columns: []Column{
		{Heading: "Email", Name: "address", Required: true, Sample: "amina.khan@example.org|rhys.bevan@example.org"},
		{Heading: "First name", Name: "first", Required: true, Sample: "Amina|Rhys", like: noAddress},
		{Heading: "Last name", Name: "last", Required: true, Sample: "Khan|Bevan", like: noAddress},
		{Heading: "Middle initial", Name: "attr.Middle initial", Sample: "J|", like: func(s string) bool { return utf8.RuneCountInString(s) <= 2 }},
		{Heading: "Phone", Name: "telephone", Sample: "+44 1632 960101|", like: func(s string) bool { return s == "" || strings.HasPrefix(s, "+") }},
	},
	Positional: true,
	Rules: directory.Rules{
		Match:       []string{"address"},
		WorldPhones: true,
		Origin:      "import",
		RolesByFile: true,
	},
}

func noAddress(s string) bool { return !strings.Contains(s, "@") }
