package biff

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

// What no program at hand writes is written here: records in an OLE2 container.

// rec writes a record whose body is made of numbers of fixed size, bytes and
// text of one byte a character.
func rec(id uint16, parts ...any) []byte {
	var body bytes.Buffer
	for _, p := range parts {
		if text, ok := p.(string); ok {
			p = []byte(text)
		}
		if err := binary.Write(&body, binary.LittleEndian, p); err != nil {
			panic(err)
		}
	}
	header := binary.LittleEndian.AppendUint16(nil, id)
	header = binary.LittleEndian.AppendUint16(header, uint16(body.Len()))
	return append(header, body.Bytes()...)
}

func bof(kind uint16) []byte { return rec(idBOF, uint16(version8), kind, make([]byte, 12)) }

// wide writes a text as UTF-16.
func wide(text string) (b []byte) {
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return b
}

// book writes the stream of a workbook: records before the sheets, and the
// records of each sheet.
func book(globals []byte, sheets ...[]byte) []byte {
	boundSheet := func(start, i int) []byte {
		return rec(idBoundSheet, uint32(start), uint8(0), uint8(0), uint8(2), uint8(0), "S"+string(rune('1'+i)))
	}
	start := len(bof(0)) + len(sheets)*len(boundSheet(0, 0)) + len(globals) + len(rec(idEOF))
	stream := bof(kindGlobals)
	for i, s := range sheets {
		stream = append(stream, boundSheet(start, i)...)
		start += len(bof(0)) + len(s) + len(rec(idEOF))
	}
	stream = append(append(stream, globals...), rec(idEOF)...)
	for _, s := range sheets {
		stream = append(stream, bof(kindWorksheet)...)
		stream = append(append(stream, s...), rec(idEOF)...)
	}
	return stream
}

// join puts records one behind the other.
func join(records ...[]byte) []byte { return bytes.Join(records, nil) }

const endOfChain = 0xfffffffe

// container writes an OLE2 file with one stream, in sectors of 512 or 4,096
// bytes: the header, the table of sectors, the directory, the stream.
func container(name string, stream []byte, sector int) []byte {
	size := max(len(stream), 4096) // smaller ones stand elsewhere
	sectors := (size + sector - 1) / sector
	entries := sector / 4
	tables := 1
	for tables*entries < tables+1+sectors {
		tables++
	}
	table := make([]uint32, tables*entries)
	for i := range table {
		switch {
		case i < tables:
			table[i] = 0xfffffffd
		case i == tables, i == tables+sectors:
			table[i] = endOfChain
		case i < tables+sectors:
			table[i] = uint32(i + 1)
		default:
			table[i] = 0xffffffff
		}
	}
	file := make([]byte, sector*(1+tables+1+sectors))
	putHeader(file, sector, tables)
	for i, next := range table {
		binary.LittleEndian.PutUint32(file[sector+4*i:], next)
	}
	directory := file[sector*(1+tables):]
	putEntry(directory, "Root Entry", 5, 1, endOfChain, 0)
	putEntry(directory[128:], name, 2, 0xffffffff, uint32(tables+1), size)
	copy(file[sector*(2+tables):], stream)
	return file
}

func putHeader(file []byte, sector, tables int) {
	copy(file, ole2Start)
	version, shift := 3, 9
	if sector == 4096 {
		version, shift = 4, 12
	}
	binary.LittleEndian.PutUint16(file[26:], uint16(version))
	binary.LittleEndian.PutUint16(file[28:], 0xfffe)
	binary.LittleEndian.PutUint16(file[30:], uint16(shift))
	binary.LittleEndian.PutUint16(file[32:], 6)
	binary.LittleEndian.PutUint32(file[44:], uint32(tables))
	binary.LittleEndian.PutUint32(file[48:], uint32(tables)) // the directory
	binary.LittleEndian.PutUint32(file[56:], 4096)
	binary.LittleEndian.PutUint32(file[60:], endOfChain)
	binary.LittleEndian.PutUint32(file[68:], endOfChain)
	for i := range 109 {
		at := uint32(0xffffffff)
		if i < tables {
			at = uint32(i)
		}
		binary.LittleEndian.PutUint32(file[76+4*i:], at)
	}
}

func putEntry(b []byte, name string, kind byte, child, start uint32, size int) {
	copy(b, wide(name))
	binary.LittleEndian.PutUint16(b[64:], uint16(2*len(name)+2))
	b[66], b[67] = kind, 1
	binary.LittleEndian.PutUint32(b[68:], 0xffffffff)
	binary.LittleEndian.PutUint32(b[72:], 0xffffffff)
	binary.LittleEndian.PutUint32(b[76:], child)
	binary.LittleEndian.PutUint32(b[116:], start)
	binary.LittleEndian.PutUint64(b[120:], uint64(size))
}
