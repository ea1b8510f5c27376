package format

import (
	"slices"
	"testing"

	"muster/internal/directory"
)

// named returns a format that Muster has by itself.
func named(t testing.TB, name string) *Format {
	t.Helper()
	f, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const (
	googleHeader = "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Password Hash Function [UPLOAD ONLY]," +
		"Org Unit Path [Required],New Primary Email [UPLOAD ONLY],Recovery Email,Home Secondary Email,Work Secondary Email," +
		"Recovery Phone [MUST BE IN THE E.164 FORMAT],Work Phone,Home Phone,Mobile Phone,Work Address,Home Address,Employee ID,Employee Type," +
		"Employee Title,Manager Email,Department,Cost Center,Building ID,Floor Name,Floor Section,Change Password at Next Sign-In," +
		"New Status [UPLOAD ONLY],Advanced Protection Program enrollment"
	googleNeeded = "First Name [Required],Last Name [Required],Email Address [Required]"
	googleAnn    = "\nAnn,Lee,a@example.org"
	annLee       = "address=a@example.org first=Ann last=Lee"
)

// The sentences are those of docs/formats.md and, in quotes, Google's.
func TestGoogleHeaders(t *testing.T) {
	testHeaders(t, named(t, "google-workspace"), []headerCase{
		{"Google's template, whole", googleHeader, "", nil},
		{"names: any order", "Email Address [Required],Last Name [Required],First Name [Required]", "", nil},
		{"the suffixes may be missing", "First Name,Last Name,Email Address,Password,Org Unit Path", "", nil},
		{"what an export tells besides", googleNeeded + ",Status [READ ONLY],Last Sign In [READ ONLY],Email Usage [READ ONLY]", "", nil},
		{"First Name [Required]", "Last Name [Required],Email Address [Required]", "header-missing", []string{`"First Name [Required]"`}},
		{"Last Name [Required]", "First Name [Required],Email Address [Required]", "header-missing", []string{`"Last Name [Required]"`}},
		{"Email Address [Required]", "First Name [Required],Last Name [Required]", "header-missing", []string{`"Email Address [Required]"`}},
		{`"You can enter information only in the columns available in the download"`, googleNeeded + ",Shoe Size", "header-unknown", []string{`"Shoe Size"`}},
		{"a misspelt heading", googleNeeded + ",Employe ID", "header-unknown", []string{"did you mean Employee ID?"}},
		{"a column with and without its suffix is there twice", googleNeeded + ",First Name", "header-twice", []string{"First Name"}},
	})
}

func TestGoogleRows(t *testing.T) {
	testRows(t, named(t, "google-workspace"), []rowCase{
		{"every column", googleHeader + "\nAnn,Lee,a@example.org,Quartz-41,,/Wards,n@example.org,r@example.net,h@example.net,w@example.net,+441632960100,1,2,3," +
			"W1,H1,S1,Agency,Nurse,m@example.org,Theatres,C1,B1,F1,F2,TRUE,Suspended,FALSE",
			"address=a@example.org first=Ann last=Lee job_title=Nurse department=Theatres telephone=1 mobile=3 unit=/Wards local_id=S1 status=disabled " +
				"must_change_password=TRUE rename_to=n@example.org password=Quartz-41 attr.Recovery Email=r@example.net attr.Home Secondary Email=h@example.net " +
				"attr.Work Secondary Email=w@example.net attr.Recovery Phone=+441632960100 attr.Home Phone=2 attr.Work Address=W1 attr.Home Address=H1 " +
				"attr.Employee Type=Agency attr.Manager Email=m@example.org attr.Cost Center=C1 attr.Building ID=B1 attr.Floor Name=F1 attr.Floor Section=F2"},
		{"First Name [Required]", googleNeeded + "\n,Lee,a@example.org", "address=a@example.org last=Lee First Name [Required]!value-missing"},
		{"Last Name [Required]", googleNeeded + "\nAnn,,a@example.org", "address=a@example.org first=Ann Last Name [Required]!value-missing"},
		{"Email Address [Required]", googleNeeded + "\nAnn,Lee,", "first=Ann last=Lee Email Address [Required]!value-missing"},
		{"`****` = password unchanged", googleNeeded + ",Password [Required]" + googleAnn + ",****", annLee},
		{"other asterisks are a password", googleNeeded + ",Password [Required]" + googleAnn + ",*****", annLee + " password=*****"},
		{"a blank password is left as it is, too", googleNeeded + ",Password [Required]" + googleAnn + ",", annLee},
		{`"supported hash functions: … crypt"`, googleNeeded + ",Password [Required],Password Hash Function [UPLOAD ONLY]" + googleAnn + ",$6$salt$hash,crypt",
			annLee + " hash=$6$salt$hash"},
		{"the function's case does not matter", googleNeeded + ",Password,Password Hash Function" + googleAnn + ",$2b$10$hash,CRYPT", annLee + " hash=$2b$10$hash"},
		{`"… SHA-1 …": no salt, so it is an error and no password`, googleNeeded + ",Password,Password Hash Function" + googleAnn + ",a9993e36,SHA-1",
			annLee + " Password Hash Function!hash-function"},
		{`"… MD5 …": the same`, googleNeeded + ",Password,Password Hash Function" + googleAnn + ",90015098,MD5", annLee + " Password Hash Function!hash-function"},
		{"the function may stand before the password", "Password Hash Function," + googleNeeded + ",Password\nMD5,Ann,Lee,a@example.org,90015098",
			annLee + " Password Hash Function!hash-function"},
		{"a function without a password says nothing", googleNeeded + ",Password,Password Hash Function" + googleAnn + ",****,SHA-1", annLee},
		{`"Enter / (forward slash) only to place all users in the top-level"`, googleNeeded + ",Org Unit Path [Required]" + googleAnn + ",/", annLee},
		{"a path becomes the unit", googleNeeded + ",Org Unit Path [Required]" + googleAnn + ",/Sales/EMEA", annLee + " unit=/Sales/EMEA"},
		{"New Primary Email: the new address", googleNeeded + ",New Primary Email [UPLOAD ONLY]" + googleAnn + ",b@example.org", annLee + " rename_to=b@example.org"},
		{"Change Password at Next Sign-In", googleNeeded + ",Change Password at Next Sign-In" + googleAnn + ",True", annLee + " must_change_password=True"},
		{"Active", googleNeeded + ",New Status [UPLOAD ONLY]" + googleAnn + ",ACTIVE", annLee + " status=active"},
		{"Suspended", googleNeeded + ",New Status [UPLOAD ONLY]" + googleAnn + ",suspended", annLee + " status=disabled"},
		{"Archived is a status that Muster has not", googleNeeded + ",New Status [UPLOAD ONLY]" + googleAnn + ",Archived",
			annLee + " New Status [UPLOAD ONLY]!value-unmapped"},
		{"what is read only is passed over", googleNeeded + ",Status [READ ONLY],Drive Usage [READ ONLY]" + googleAnn + ",Suspended,4GB", annLee},
		{"(clear) empties an attribute", googleNeeded + ",Home Phone" + googleAnn + ",(clear)", annLee + " attr.Home Phone=(clear)"},
		{"(clear) is no unit", googleNeeded + ",Org Unit Path [Required]" + googleAnn + ",(Clear)", "address=a@example.org first=Ann last=Lee -unit"},
	})
}

func TestGoogleRules(t *testing.T) {
	f := named(t, "google-workspace")
	if f.Limit != 150_000 || f.Strict { // "If not, the limit is 150,000 users."
		t.Errorf("limit %d, strict %v", f.Limit, f.Strict)
	}
	if r := f.Rules; !slices.Equal(r.Match, []string{"address"}) || r.Unmatched != directory.CreateUser || r.GeneratePasswords {
		t.Errorf("%+v", r)
	}
}
