package directory

// Field is one of the values that every user has. The table below is the only
// place that lists them: the database's columns, the headings of format
// "muster", the flags of the command, the differences of a plan and the JSON of
// a user all follow from it.
type Field int

// The fields of a user.
const (
	Address Field = iota
	Name
	Title
	First
	Last
	DisplayName
	JobTitle
	Department
	Telephone
	Mobile
	Pager
	Fax
	Notes
	Org
	Unit
	LocalID
	Type
	Status
	Locked
	Pop
	Submit
	MustChange
	NeverExpires
	MailboxGB
	Role
	Origin
	numFields
)

// Kind tells how the text of a field is to be read.
type Kind int

// The kinds of field.
const (
	Line   Kind = iota // one line of text
	Text               // text that may have several lines
	Phone              // a telephone number, kept as written
	Flag               // "true" or "false"
	Number             // a whole number
	Choice             // one of a few words
)

// Spec describes a field.
type Spec struct {
	Name      string // as in format "muster", in JSON and as column of the database
	Kind      Kind
	Max       int      // longest text in characters
	Choices   []string // for Choice; the first is a new user's
	Clearable bool     // whether "(clear)" may empty it
	Help      string
}

var specs = [numFields]Spec{
	Address:      {Name: "address", Kind: Line, Max: 320, Help: "primary address"},
	Name:         {Name: "name", Kind: Line, Max: 200, Help: "global name"},
	Title:        {Name: "title", Kind: Line, Max: 60, Clearable: true, Help: "title, such as Dr"},
	First:        {Name: "first", Kind: Line, Max: 100, Clearable: true, Help: "first name"},
	Last:         {Name: "last", Kind: Line, Max: 100, Clearable: true, Help: "last name"},
	DisplayName:  {Name: "display_name", Kind: Line, Max: 200, Clearable: true, Help: "name that mail programs show"},
	JobTitle:     {Name: "job_title", Kind: Line, Max: 200, Clearable: true, Help: "job title"},
	Department:   {Name: "department", Kind: Line, Max: 200, Clearable: true, Help: "department"},
	Telephone:    {Name: "telephone", Kind: Phone, Max: 60, Clearable: true, Help: "telephone number"},
	Mobile:       {Name: "mobile", Kind: Phone, Max: 60, Clearable: true, Help: "mobile number"},
	Pager:        {Name: "pager", Kind: Phone, Max: 60, Clearable: true, Help: "pager number"},
	Fax:          {Name: "fax", Kind: Phone, Max: 60, Clearable: true, Help: "fax number"},
	Notes:        {Name: "notes", Kind: Text, Max: 2000, Clearable: true, Help: "notes"},
	Org:          {Name: "org", Kind: Line, Max: 40, Help: "code of the organisation"},
	Unit:         {Name: "unit", Kind: Line, Max: 200, Clearable: true, Help: "organisational unit"},
	LocalID:      {Name: "local_id", Kind: Line, Max: 100, Clearable: true, Help: "the organisation's own identifier"},
	Type:         {Name: "type", Kind: Choice, Choices: []string{"user", "shared", "resource", "application"}, Help: "what the mailbox is for"},
	Status:       {Name: "status", Kind: Choice, Choices: []string{"active", "disabled", "leaver", "deleted", "inactive"}, Help: "active, disabled, leaver or deleted"},
	Locked:       {Name: "locked", Kind: Flag, Help: "may not sign in"},
	Pop:          {Name: "pop", Kind: Flag, Help: "may fetch mail by POP3"},
	Submit:       {Name: "submit", Kind: Flag, Help: "may send mail by SMTP with sign-in"},
	MustChange:   {Name: "must_change_password", Kind: Flag, Help: "must set a new password at the next sign-in"},
	NeverExpires: {Name: "password_never_expires", Kind: Flag, Help: "the password does not expire"},
	MailboxGB:    {Name: "mailbox_gb", Kind: Number, Help: "size of the mailbox in GB"},
	Role:         {Name: "role", Kind: Choice, Choices: append([]string{""}, roleNames...), Clearable: true, Help: "administrator role"},
	Origin:       {Name: "origin", Kind: Choice, Choices: []string{"manual", "import", "message", "directory", "directory-list"}, Help: "how the user came to be"},
}

var fieldByName = func() map[string]Field {
	m := map[string]Field{}
	for f := range specs {
		m[specs[f].Name] = Field(f)
	}
	return m
}()

// Fields returns all fields in their order.
func Fields() []Field {
	all := make([]Field, numFields)
	for i := range all {
		all[i] = Field(i)
	}
	return all
}

// FieldNamed returns the field of a name.
func FieldNamed(name string) (Field, bool) {
	f, ok := fieldByName[name]
	return f, ok
}

// Spec returns the description of a field.
func (f Field) Spec() Spec { return specs[f] }

func (f Field) String() string { return specs[f].Name }
