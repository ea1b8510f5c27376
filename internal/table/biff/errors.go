package biff

import (
	"fmt"

	"muster/internal/table/sheet"
)

func damaged(format string, args ...any) error {
	return &sheet.Error{Fault: sheet.Damaged, What: "is damaged: " + fmt.Sprintf(format, args...)}
}

func tooLarge(format string, args ...any) error {
	return &sheet.Error{Fault: sheet.TooLarge, What: "is too large: " + fmt.Sprintf(format, args...)}
}
