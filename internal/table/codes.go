package table

import "muster/internal/issue"

// What refuses a whole file.
var (
	codeEmpty = issue.NewError("file-empty",
		"The file has no content at all.",
		"Save the file again where it was made, and upload it once more.")
	codeHTML = issue.NewError("file-html",
		"The file is a web page, whatever its name ends with; some programs export one and call it a spreadsheet.",
		"Open it in a spreadsheet program and save it as CSV UTF-8.")
	codeXML = issue.NewError("file-xml",
		"The file is XML, whatever its name ends with; Excel 2003 wrote its tables so.",
		"Open it in a spreadsheet program and save it as CSV UTF-8.")
	codeNotTable = issue.NewError("file-not-table",
		"The content of the file is not a table: it is a picture, a document, an archive or other data.",
		"Choose the file that holds the table; unpack it first if it is in an archive.")
	codeWorkbook = issue.NewError("workbook-unsupported",
		"The file is an Excel workbook of a kind that cannot be read: one of Excel 95 or before, or a binary one (.xlsb).",
		"Open it in Excel and save it as .xlsx, or as CSV UTF-8.")
	codeEncrypted = issue.NewError("workbook-encrypted",
		"The workbook is encrypted with a password, so nothing in it can be read.",
		"Open it in Excel, take the password off (File, Info, Protect Workbook), and save it again.")
	codeDamaged = issue.NewError("workbook-damaged",
		"The workbook is damaged or cut off, so that rows may be missing.",
		"Send it once more; if that does not help, open it in Excel and save it again.")
	codeTooLarge = issue.NewError("workbook-too-large",
		"The workbook holds more than can be read, or was made to hold it.",
		"Delete the sheets, columns and blank rows that are not needed, or save the sheet as CSV UTF-8.")
	codeSheet = issue.NewError("sheet-unknown",
		"The workbook has no sheet of this name or number.",
		"Take one of the sheets that the message names, or leave --sheet out.")
	codeNoSheet = issue.NewError("sheet-missing",
		"The workbook has no sheet that can be seen and holds cells.",
		"Show the sheet in Excel and save the workbook, or name it with --sheet.")
	NotUTF8 = issue.NewError("not-utf8",
		"The file has bytes that are not UTF-8, so some characters cannot be told for sure.",
		"Save the file as CSV UTF-8, or name its charset with --encoding.")
	codeEncodingUnknown = issue.NewError("encoding-unknown",
		"There is no charset of this name here.",
		"Take one of the names that the message lists.")
	codeEncodingRefused = issue.NewError("encoding-refused",
		"This format takes only UTF-8, and UTF-16 with a byte order mark.",
		"Save the file as CSV UTF-8 and leave --encoding out.")
	codeIncomplete = issue.NewError("file-incomplete",
		"The file ends in the middle of a character, so its end is missing.",
		"Fetch or save the file once more.")
	codeEncodingMismatch = issue.NewError("encoding-mismatch",
		"The file has bytes that have no meaning in its charset.",
		"Name another charset with --encoding, or save the file as CSV UTF-8.")
	codeJSONForm = issue.NewError("json-form",
		"The file is JSON, but not as it is read here: one object a line.",
		"Write one object a line; jq -c '.[]' makes that of a list.")
	codeDelimiter = issue.NewError("delimiter-unknown",
		"There is no delimiter of this name.",
		"Take comma, semicolon, tab or pipe.")
	codeColumns = issue.NewError("columns-limit",
		"A row has more columns than a table may have.",
		"Check the delimiter, and delete the columns that are not needed.")
	codeRows = issue.NewError("rows-limit",
		"The file has more rows than an import may have.",
		"Split the file.")
)

// What puts one row in error.
var (
	codeStray = issue.NewError("quote-stray",
		"A quote stands within a cell where the rules of CSV allow none, so it is unclear where the cell ends.",
		"Delete the quote, or put the whole cell in quotes and double the ones inside.")
	codeUnclosed = issue.NewError("quote-unclosed",
		"A quote opens the cell and none closes it; reading went on at the next line.",
		"Delete the quote, or close it at the end of the cell.")
	codeControl = issue.NewError("control-character",
		"The cell holds a control character, which cannot be seen and has no place in a table.",
		"Type the cell anew.")
	codeJSON = issue.NewError("json-wrong",
		"The line is not a JSON object, or has something else in it than texts, numbers and flags where these belong.",
		"Mend the line; muster user list --json shows what one looks like.")
	codeErrorValue = issue.NewError("cell-error",
		"The cell shows the error of a formula instead of a value.",
		"Mend the formula, or type the value in.")
	codeNoResult = issue.NewError("formula-no-result",
		"The cell holds a formula whose result is not in the file, because the program that wrote it has not calculated it.",
		"Open the workbook in Excel and save it, or type the value in.")
	codeLong = issue.NewError("cell-too-long",
		"The cell holds more text than a cell may have.",
		"Shorten it, and check that no quote is missing.")
)
