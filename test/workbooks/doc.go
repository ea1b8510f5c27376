// Package workbooks tests that what real programs save is read as a person sees it
// there. One workbook is written (table_test.go), saved again by LibreOffice, Gnumeric
// and xlwt (programs_test.go), and each of these files has to give the same rows, the
// same records and the same plan as the table as CSV (workbooks_test.go).
package workbooks
