package importer_test

import (
	"fmt"
	"testing"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

func TestFirst(t *testing.T) {
	w := importertest.New(t)
	w.Group("RX1", "Wards")
	w.Group("RX1", "Wards/Night")
	imp := w.Plan("address,name,org,alias1,group1,password,delegate1,attr.Floor\nann@example.org,Ann,RX1,a@example.org,wards/night,correct-horse-battery,bob@example.org,3\nbob@example.org,Bob,RX1,,,,,\n,x,RX1,,,,,\n", importer.Options{})
	fmt.Printf("%+v\n", imp)
	for _, r := range w.Rows(imp) {
		fmt.Printf("%+v\n", r)
	}
	imp = w.Apply(imp)
	fmt.Printf("%+v\n", imp)
	for _, r := range w.Rows(imp) {
		fmt.Printf("%+v\n", r)
	}
	fmt.Println(w.Results(imp, false))
	fmt.Printf("%+v\n", w.User("ann@example.org"))
	imp = w.Plan("ID,Local ID,Status,Title,First Name,Last Name,Display Name,Job Title,Department,Telephone,Mobile,Pager,Fax,Notes,Organisation ODSCode,Organisational Unit,Mailbox Size,Password\n,,,Dr,John,Smith,,,,,,,,,RX1,,,\n,,,,John,Smith,,,,,,,,,RX1,,,\n", importer.Options{})
	fmt.Printf("%+v\n", imp)
	imp = w.Apply(imp)
	fmt.Println(w.Results(imp, false))
}
