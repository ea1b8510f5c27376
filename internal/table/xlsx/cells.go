package xlsx

import (
	"strconv"
	"strings"

	"muster/internal/table/sheet"
)

// show says what a person sees in the cell whose content has just been read. Kind
// is that of ECMA-376 part 1, 18.18.11, ST_CellType.
func (r *rows) show(to *sheet.Cell, kind string, style int) error {
	c := &r.content
	if c.formula && len(c.text) == 0 && !(kind == "str" && c.value) {
		to.NoResult = true
		return nil
	}
	switch text := string(c.text); kind {
	case "s":
		return r.shared(to, text, style)
	case "str", "inlineStr":
		to.Text = r.book.styles.format(style).Text(string(unescape(c.text)))
	case "b":
		to.Kind, to.Text = sheet.Boolean, truth(text)
	case "e":
		to.Kind, to.Text = sheet.Failure, text
	case "d":
		to.Kind, to.Text = sheet.Date, isoDate(text)
	default:
		r.number(to, text, style)
	}
	return nil
}

// shared finds a text that cells share, by its number.
func (r *rows) shared(to *sheet.Cell, number string, style int) error {
	if !r.content.value {
		return nil
	}
	text, ok := r.book.texts.text(index(number))
	if !ok {
		return r.damaged("refers to a text that is not there in row " + strconv.Itoa(r.line))
	}
	to.Text = r.book.styles.format(style).Text(text)
	return nil
}

func index(text string) int { return number(strings.TrimSpace(text)) }

func truth(text string) string {
	switch {
	case text == "":
		return ""
	case isTrue(text):
		return "TRUE"
	}
	return "FALSE"
}

// isoDate leaves a time out that is midnight.
func isoDate(text string) string {
	day, hour, _ := strings.Cut(strings.TrimSuffix(text, "Z"), "T")
	if strings.Trim(hour, "0:.") == "" {
		return day
	}
	return day + " " + hour
}

// number shows a number in the format of its style. What is none is a text.
func (r *rows) number(to *sheet.Cell, text string, style int) {
	text = strings.TrimSpace(text)
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.Trim(text, "+-0123456789.eE") != "" {
		to.Text = text
		return
	}
	to.Kind, to.Number = sheet.Number, v
	shown := r.book.styles.format(style).Number(v, r.book.date1904)
	if to.Text, to.Exponent = shown.Text, shown.Exponent; shown.Date {
		to.Kind = sheet.Date
	}
}
