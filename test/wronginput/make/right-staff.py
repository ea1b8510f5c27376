# Makes ../testdata/right-staff.xls; needs Debian's python3-xlwt. Run it in this folder with /usr/bin/python3.
import xlwt

book = xlwt.Workbook()
hidden = book.add_sheet("Lists")
hidden.visibility = 1
hidden.write(0, 0, "address")
sheet = book.add_sheet("Staff")
for column, heading in enumerate(["address", "name", "local_id", "telephone", "pop"]):
    sheet.write(0, column, heading)
digits = xlwt.easyxf(num_format_str="00000")
people = [("mia.stone@example.org", "Mia Stone", 42, 441632960199, True), ("zoe.muller@example.org", "Zoë Müller", 43, "07400 123456", False)]
for row, (address, name, number, telephone, pop) in enumerate(people, 1):
    sheet.write(row, 0, address)
    sheet.write(row, 1, name)
    sheet.write(row, 2, number, digits)
    sheet.write(row, 3, telephone)
    sheet.write(row, 4, pop)
book.save("../testdata/right-staff.xls")
