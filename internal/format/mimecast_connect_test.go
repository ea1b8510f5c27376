package format

import "testing"

func TestConnectHeaders(t *testing.T) {
	testHeaders(t, connect, []headerCase{
		{"the template's columns", "Email,Name,Password,Force Change Password", "", nil},
		{"in any order and case", "force change password,EMAIL,Name", "", nil},
		{"the address alone", "Email", "", nil},
		{"Specify the user's email address.", "Name,Password", "header-missing", []string{`"Email"`}},
		{"the file must only include values in the template's columns", "Email,Name,Shoe size", "header-unknown", []string{`"Shoe size"`, "muster sample"}},
		{"all that is unknown is told", "Emial,Name,Pasword", "header-unknown",
			[]string{`"Emial", "Pasword"`, `"Emial": did you mean Email?`, `"Pasword": did you mean Password?`}},
		{"If you require alias email addresses to be added and linked …, the Administration Console must be used.", "Email,alias1", "header-unknown",
			[]string{"muster"}},
		{"a column between others without a heading", "Email,,Name", "header-unknown", []string{"column B, which has no heading"}},
		{"a trailing delimiter", "Email,Name,", "", nil},
		{"a heading too long for a message is quoted in part", "Email,1234567890123456789012345678901234567890123456789012", "header-unknown", []string{`"123456789012345678901234567890123456789012345678…"`}},
		{"a quote in the first row", `Email,"Na"me`, "quote-stray", nil},
	})
}

func TestConnectRows(t *testing.T) {
	const header = "Email,Name,Password,Force Change Password\n"
	testRows(t, connect, []rowCase{
		{"Specify the user's email address, name and password.", header + "a@example.org,Amina,Quartz-41,TRUE",
			"address=a@example.org name=Amina must_change_password=TRUE password=Quartz-41"},
		{"blanks say nothing", header + "a@example.org,,,", "address=a@example.org"},
		{"what a flag may be is the directory's to judge", header + "a@example.org,,,perhaps", "address=a@example.org must_change_password=perhaps"},
		{"what an address may be, too", header + "a@b@c", "address=a@b@c"},
		{"Have one email address per row.", header + ",Amina,,", "name=Amina Email!value-missing"},
		{"all problems of a row are told", header + ",,(clear),", "Email!value-missing Password!clear-misplaced"},
	})
	if connect.Limit != 500 { // "You can add up to 500 addresses per import."
		t.Errorf("the limit is %d", connect.Limit)
	}
	if !connect.Strict { // "You must correct these before reattempting."
		t.Error("rows in error do not keep the others from being applied")
	}
	if !connect.UnicodeOnly { // "If a £ character exists …, the file must be saved with UTF-8 encoding."
		t.Error("another charset is taken")
	}
	if !connect.Rules.PlainFlags { // "Acceptable values are TRUE or FALSE."
		t.Error("other flags are taken")
	}
}
