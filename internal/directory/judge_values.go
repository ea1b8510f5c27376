package directory

import (
	"slices"
	"strconv"
	"strings"

	"muster/internal/issue"
	"muster/internal/table"
)

// cleanValues brings the record's texts into the form in which the directory
// keeps them, and reports each that its field does not take.
func (c *judgement) cleanValues() {
	for i := range c.r.Values {
		f := Field(i)
		if isClear(c.r.Values[f]) {
			c.r.Values[f], c.r.Cleared[f] = "", true
		}
		if c.r.Cleared[f] && !specs[f].Clearable {
			c.r.report(specs[f].Name, NotClearable.New("The value of %s cannot be emptied.", c.r.heading(specs[f].Name)).Suggest("give another value, or leave the cell blank"))
			c.r.Cleared[f] = false
		}
		if c.r.Values[f] != "" {
			c.r.Values[f] = c.clean(f, c.r.Values[f])
		}
	}
	c.cleanStatus()
}

// isClear reports whether a text is "(clear)", in any case. It never becomes a value: a
// file that holds it would empty what it came from.
func isClear(text string) bool { return strings.EqualFold(table.Trim(text), Clear) }

// clean returns a value as it is kept; "" where it is refused.
func (c *judgement) clean(f Field, text string) string {
	s := specs[f]
	text, ok := c.cleanText(s, text)
	if !ok || text == "" {
		return ""
	}
	switch s.Kind {
	case Flag:
		return c.cleanFlag(s.Name, text)
	case Number:
		return c.cleanNumber(s.Name, text)
	case Choice:
		return c.cleanChoice(f, text)
	}
	c.warnOfExcel(f, text)
	return text
}

// cleanText takes outer blanks off as a reader of files does, so that what one has
// written is what one reads.
func (c *judgement) cleanText(s Spec, text string) (string, bool) {
	if s.Kind != Text && strings.ContainsAny(table.Trim(text), "\r\n") {
		c.r.report(s.Name, LineBreak.New("The line break within the cell became a blank."))
	}
	text, err := s.Clean(text)
	if err != nil {
		c.r.report(s.Name, asIssue(err))
		return "", false
	}
	c.warnOfMojibake(s.Name, text)
	return text, true
}

// flagWords are the ways to write a flag.
var flagWords = map[string]string{
	"true": "true", "y": "true", "yes": "true", "1": "true",
	"false": "false", "n": "false", "no": "false", "0": "false",
}

func (c *judgement) cleanFlag(name, text string) string {
	word := strings.ToLower(text)
	value, ok := flagWords[word]
	if c.rules.PlainFlags && (!ok || word != value) {
		c.r.report(name, ValueWrong.New("%q is neither TRUE nor FALSE.", text).Suggest("write TRUE or FALSE"))
		return ""
	}
	if !ok {
		c.r.report(name, ValueWrong.New("%q is neither yes nor no.", text).Suggest("write TRUE or FALSE, Yes or No, Y or N, 1 or 0"))
	}
	return value
}

func (c *judgement) cleanNumber(name, text string) string {
	digits := strings.TrimSpace(strings.TrimSuffix(strings.ToUpper(text), "GB"))
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > 100_000 {
		c.r.report(name, ValueWrong.New("%q is not a whole number of gigabytes from 1 to 100,000.", text).Suggest("write a number such as 4"))
		return ""
	}
	return strconv.Itoa(n)
}

func (c *judgement) cleanChoice(f Field, text string) string {
	for _, choice := range specs[f].Choices {
		if choice != "" && strings.EqualFold(choice, text) {
			return choice
		}
	}
	if f == Status { // cleanStatus says which the source may give
		return strings.ToLower(text)
	}
	choices := specs[f].Choices
	if f == Role && c.rules.RolesByFile {
		choices = rolesOfFiles
	}
	c.r.report(specs[f].Name, wrongChoice(text, choices))
	return ""
}

func wrongChoice(text string, choices []string) issue.Issue {
	choices = slices.DeleteFunc(slices.Clone(choices), func(s string) bool { return s == "" })
	i := ValueWrong.New("%q is not one of %s.", text, strings.Join(choices, ", "))
	return withNearest(i, text, choices)
}

// cleanStatus refuses a status that this source cannot give.
func (c *judgement) cleanStatus() {
	wanted := c.r.Values[Status]
	if wanted == "" || slices.Contains(c.rules.Statuses, wanted) {
		return
	}
	settable := slices.DeleteFunc(slices.Clone(c.rules.Statuses), func(s string) bool { return s == "inactive" })
	i := StatusWrong.New("The status %q cannot be set here; it may be %s or blank.", wanted, strings.Join(settable, ", "))
	if len(settable) == 0 {
		i = StatusWrong.New("The status %q cannot be set here.", wanted)
	}
	c.r.report(specs[Status].Name, withNearest(i, wanted, settable))
	c.r.Values[Status] = ""
}

// personFields are those that a record simply sets.
var personFields = []Field{Title, First, Last, DisplayName, Name, JobTitle, Department, Telephone, Mobile, Pager, Fax, Notes, Type}

func (c *judgement) compareFields() {
	if c.creating {
		c.fillNames()
		c.set(Origin, c.rules.Origin)
	}
	for _, f := range personFields {
		c.setGiven(f)
	}
	for _, f := range phoneFields {
		c.warnOfZero(f)
	}
	c.compareMobile()
	c.compareTelephone()
	c.compareUnit()
	c.compareLocalID()
	c.compareMailbox()
}

// setGiven sets or clears a field as the record says.
func (c *judgement) setGiven(f Field) {
	if c.r.Given(f) {
		c.set(f, c.r.Values[f])
	}
}

// fillNames gives a new user the names that the record leaves blank: display
// name = first and last, else name; name = display name, else the local part.
func (c *judgement) fillNames() {
	v := &c.r.Values
	if v[DisplayName] == "" {
		v[DisplayName] = strings.TrimSpace(v[First] + " " + v[Last])
	}
	if v[DisplayName] == "" {
		v[DisplayName] = v[Name]
	}
	if v[Name] == "" {
		v[Name] = v[DisplayName]
	}
	if v[Name] == "" {
		v[Name], v[DisplayName] = c.address.Local, c.address.Local
	}
	c.warnNamesake()
}

func (c *judgement) warnNamesake() {
	if !c.rules.WarnNamesake || c.r.Values[LocalID] != "" {
		return
	}
	if other, ok := c.snap.Persons[c.personKey()]; ok {
		c.r.report(specs[LocalID].Name, Namesake.New("%s %s looks like an existing user: %s has the same name.",
			c.r.Values[First], c.r.Values[Last], other).
			Suggest("if it is the same person, give the Local ID or the ID of %s", other))
	}
}

func (c *judgement) compareMobile() {
	mobile := c.r.Values[Mobile]
	if c.rules.UKMobile && mobile != "" && !ukMobile(mobile) {
		c.r.report(specs[Mobile].Name, MobileForeign.New("%q is not a mobile number of the United Kingdom.", mobile))
	}
}

func (c *judgement) compareTelephone() {
	number := c.r.Values[Telephone]
	if c.rules.WorldPhones && number != "" && (!strings.HasPrefix(number, "+") || E164(number, "") == "") {
		c.r.report(specs[Telephone].Name, PhoneNational.New("%q is not an international telephone number.", number).
			Suggest("write it with + and the code of the country, such as +44 1632 960101"))
	}
}

func (c *judgement) compareUnit() {
	unit := c.r.Values[Unit]
	stays := !c.creating && c.u.Values[Org] == c.v.User.Values[Org]
	if c.rules.FixedUnit && stays && unit != "" && unit != c.u.Values[Unit] {
		c.r.report(specs[Unit].Name, UnitKept.New("%s is not moved to the unit %q; this file moves no users between units.",
			c.u.Values[Address], unit))
		return
	}
	c.setGiven(Unit)
}

func (c *judgement) compareLocalID() {
	c.setGiven(LocalID)
	c.warnLeaverElsewhere()
	local := fold(c.u.Values[LocalID])
	id, taken := c.snap.Locals[LocalKey{c.u.Values[Org], local}]
	if local != "" && taken && id != c.v.ID {
		c.r.report(specs[LocalID].Name, LocalIDTaken.New("The Local ID %q is that of %s.",
			c.u.Values[LocalID], c.snap.Users[id].Values[Address]))
	}
}

// warnLeaverElsewhere tells of a leaver whom the row may mean: local ids are
// unique only within an organisation, so the row does not take them over.
func (c *judgement) warnLeaverElsewhere() {
	if !c.creating {
		return
	}
	for _, leaver := range c.snap.Leavers[fold(c.r.Values[LocalID])] {
		if leaver.Org != c.u.Values[Org] && fold(leaver.LastName) == fold(c.r.Values[Last]) {
			c.r.report(specs[LocalID].Name, LeaverElsewhere.New("There is a leaver in %s with the Local ID %q and the last name %q.",
				leaver.Org, c.r.Values[LocalID], leaver.LastName).
				Suggest("give the ID to take the account over"))
			return
		}
	}
}

func (c *judgement) compareMailbox() {
	settings := c.catalog.Settings(c.u.Values[Org])
	wanted, _ := strconv.Atoi(c.r.Values[MailboxGB])
	if most := max(settings.MailboxMaxGB, settings.MailboxGB); wanted > most && c.r.Values[MailboxGB] != c.u.Values[MailboxGB] {
		c.r.report(specs[MailboxGB].Name, MailboxLarge.New("%d GB is more than the %d GB that organisation %s may use.",
			wanted, most, c.u.Values[Org]))
	}
	if c.creating && wanted == 0 {
		c.set(MailboxGB, strconv.Itoa(settings.MailboxGB))
	}
	c.setGiven(MailboxGB)
}
