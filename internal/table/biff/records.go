package biff

import (
	"bufio"
	"encoding/binary"
	"io"
)

// The records that are read ([MS-XLS] section 2.3.2). All others are skipped.
const (
	idFormula       = 0x0006
	idEOF           = 0x000a
	idDateMode      = 0x0022
	idFilePass      = 0x002f
	idContinue      = 0x003c
	idBoundSheet    = 0x0085
	idMulRK         = 0x00bd
	idRString       = 0x00d6
	idXF            = 0x00e0
	idSST           = 0x00fc
	idLabelSST      = 0x00fd
	idNumber        = 0x0203
	idLabel         = 0x0204
	idBoolErr       = 0x0205
	idString        = 0x0207
	idArray         = 0x0221
	idTable         = 0x0236
	idRK            = 0x027e
	idFormat        = 0x041e
	idSharedFormula = 0x04bc
	idBOF           = 0x0809
)

const (
	headerBytes = 4     // of a record: its id and the bytes that follow
	mostBytes   = 65535 // of a record; [MS-XLS] allows 8,224
)

// record is one record. Its body is valid until the next call of records.
type record struct {
	id   uint16
	at   int64 // where it begins in the stream
	body []byte
}

// damaged says that the record makes no sense.
func (r record) damaged(format string, args ...any) error {
	return damaged("at byte %d of its records "+format, append([]any{r.at}, args...)...)
}

// need refuses a record that is too short for what it must hold.
func (r record) need(n int) error {
	if len(r.body) < n {
		return r.damaged("record %#04x has %d bytes instead of %d", r.id, len(r.body), n)
	}
	return nil
}

func (r record) u16(at int) uint16 { return binary.LittleEndian.Uint16(r.body[at:]) }
func (r record) u32(at int) uint32 { return binary.LittleEndian.Uint32(r.body[at:]) }

// records reads a stream record by record.
type records struct {
	in   io.ReadSeeker
	buf  *bufio.Reader
	at   int64 // of the record that comes next
	used int   // bytes of the record before, still in the buffer
}

func newRecords(in io.ReadSeeker) *records {
	return &records{in: in, buf: bufio.NewReaderSize(in, 2*(headerBytes+mostBytes))}
}

// seek goes to a record.
func (r *records) seek(at int64) error {
	_, err := r.in.Seek(at, io.SeekStart)
	r.buf.Reset(r.in)
	r.at, r.used = at, 0
	return err
}

// next reads a record. A stream that ends before it is damaged, since each
// part of a workbook ends with a record that says so.
func (r *records) next() (record, error) {
	header, err := r.header()
	if err != nil {
		return record{}, err
	}
	rec := record{id: binary.LittleEndian.Uint16(header), at: r.at}
	size := headerBytes + int(binary.LittleEndian.Uint16(header[2:]))
	all, err := r.buf.Peek(size)
	if err != nil {
		return rec, r.cutOff(err)
	}
	rec.body = all[headerBytes:]
	r.used, r.at = size, r.at+int64(size)
	return rec, nil
}

// header returns the header of the record that comes next.
func (r *records) header() ([]byte, error) {
	_, _ = r.buf.Discard(r.used) // it has been peeked at, so it is there
	r.used = 0
	header, err := r.buf.Peek(headerBytes)
	if err != nil {
		return nil, r.cutOff(err)
	}
	return header, nil
}

func (r *records) cutOff(err error) error {
	if err == io.EOF {
		return damaged("its records are cut off at byte %d", r.at)
	}
	return err
}

// nextIf reads the next record if it is of the kind asked for.
func (r *records) nextIf(wanted func(id uint16) bool) (rec record, ok bool, err error) {
	header, err := r.header()
	if err != nil || !wanted(binary.LittleEndian.Uint16(header)) {
		return record{}, false, err
	}
	rec, err = r.next()
	return rec, err == nil, err
}

// continued reads the next record if it goes on with the one before.
func (r *records) continued() (rec record, ok bool, err error) {
	return r.nextIf(func(id uint16) bool { return id == idContinue })
}
