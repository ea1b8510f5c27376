package biff

import (
	"errors"
	"io"
	"muster/internal/table/sheet"
	"strings"

	"github.com/richardlehane/mscfb"
)

const (
	ole2Start  = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	sectorSize = 512 // the smaller of the two sizes there are
)

// openStream finds the stream of records in an OLE2 file, and follows it to its
// end.
func openStream(r io.ReaderAt, size int64) (io.ReadSeeker, error) {
	src := &source{r: r, size: size}
	if err := src.checkStart(); err != nil {
		return nil, err
	}
	file, err := src.find()
	if err != nil {
		return nil, err
	}
	s := &stream{src: src, file: file}
	return s, s.follow()
}

// source stands between the file and package mscfb, which trusts what it reads
// too much: a directory can make it ask for gigabytes of memory, a chain of
// sectors that runs in a circle is read again and again, and a header can make
// it panic. So all that it reads is watched, and every call to it is made by
// guard.
type source struct {
	r     io.ReaderAt
	size  int64
	watch func(p []byte, offset int64) error // refuses a read; nil = none
	err   error                              // why reading failed, where it is not the end of the file
}

func (s *source) ReadAt(p []byte, offset int64) (int, error) {
	if s.watch != nil {
		if err := s.watch(p, offset); err != nil {
			s.err = err
			return 0, err
		}
	}
	n, err := s.r.ReadAt(p, offset)
	switch {
	case n == len(p):
		return n, nil
	case err != io.EOF && s.err == nil:
		s.err = err
	}
	return n, err
}

// guard calls mscfb. Its errors and panics mean that the file is damaged, unless
// it was kept from reading.
func (s *source) guard(call func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = badContainer()
		}
	}()
	err = call()
	var known *sheet.Error
	switch {
	case s.err != nil:
		return s.err
	case err == nil, err == io.EOF, errors.As(err, &known):
		return err
	}
	return badContainer()
}

func badContainer() error {
	return damaged("it is cut off, or its container contradicts itself")
}

func (s *source) checkStart() error {
	start := make([]byte, len(ole2Start))
	switch n, err := s.r.ReadAt(start, 0); {
	case n < len(start) && err != io.EOF:
		return err
	case isOldStart(start):
		return oldVersion("5.0 or before")
	case string(start) != ole2Start:
		return notWorkbook("no OLE2 file")
	}
	return nil
}

// find reads the directory and returns the stream of records.
func (s *source) find() (file *mscfb.File, err error) {
	s.watch = s.keepToBudget()
	err = s.guard(func() error {
		doc, err := mscfb.New(s)
		if err == nil {
			file, err = workbookOf(doc)
		}
		return err
	})
	s.watch = nil
	return file, err
}

// keepToBudget lets mscfb read twice for each sector, once what is in it and once
// which one comes next, and no more than 2,048 entries of a directory, at 128
// bytes: it keeps the path of each, which takes 32 MiB where all stand in each
// other.
func (s *source) keepToBudget() func([]byte, int64) error {
	const lookUp = 4
	reads, directory := 2*s.size/sectorSize+16, 2048*128
	return func(p []byte, _ int64) error {
		if reads--; reads < 0 {
			return damaged("its chain of sectors runs in a circle")
		}
		if len(p) > lookUp {
			directory -= len(p)
		}
		if directory < 0 {
			return tooLarge("its container holds more than 2,048 streams")
		}
		return nil
	}
}

// others are the streams by which files of other programs are known.
var others = []struct{ stream, name string }{
	{"WordDocument", "a Word document"},
	{"PowerPoint Document", "a PowerPoint presentation"},
	{"VisioDocument", "a Visio drawing"},
	{"__properties_version1.0", "an Outlook message"},
	{"EncryptedPackage", ""}, // Office 2007 and later, with a password
}

// workbookOf finds the stream "Workbook", or "Book" as older programs call it.
func workbookOf(doc *mscfb.Reader) (*mscfb.File, error) {
	streams := map[string]*mscfb.File{}
	for _, f := range doc.File {
		if len(f.Path) == 0 && !f.FileInfo().IsDir() {
			streams[strings.ToLower(f.Name)] = f
		}
	}
	for _, name := range []string{"workbook", "book"} {
		if f := streams[name]; f != nil {
			return f, nil
		}
	}
	for _, o := range others {
		switch {
		case streams[strings.ToLower(o.stream)] == nil:
		case o.name == "":
			return nil, encrypted()
		default:
			return nil, notWorkbook(o.name)
		}
	}
	return nil, notWorkbook("an OLE2 file of another program")
}

func notWorkbook(what string) error {
	return &sheet.Error{Fault: sheet.NotWorkbook, What: "is no workbook: it is " + what}
}

// stream is the stream of records.
type stream struct {
	src  *source
	file *mscfb.File
}

// follow reads the stream once. No part of the file may come twice.
func (s *stream) follow() error {
	s.src.watch = s.src.keepFromTwice()
	defer func() { s.src.watch = nil }()
	buf, total := make([]byte, 64<<10), int64(0)
	for total < s.file.Size {
		n, err := s.Read(buf)
		total += int64(n)
		if err != nil && (err != io.EOF || n == 0) {
			return err
		}
	}
	_, err := s.Seek(0, io.SeekStart)
	return err
}

// keepFromTwice refuses to read from a place that was read before. mscfb looks
// sectors up by four bytes, which may well come twice.
func (s *source) keepFromTwice() func([]byte, int64) error {
	const unit, lookUp = 64, 4 // the smallest sector
	seen := make([]uint64, s.size/unit/64+1)
	return func(p []byte, offset int64) error {
		for at := offset / unit; len(p) > lookUp && at <= (offset+int64(len(p))-1)/unit; at++ {
			if word := at / 64; word < 0 || word >= int64(len(seen)) {
				return nil // behind the end: the read fails
			}
			if seen[at/64]&(1<<(at%64)) != 0 {
				return damaged("its chain of sectors runs in a circle")
			}
			seen[at/64] |= 1 << (at % 64)
		}
		return nil
	}
}

func (s *stream) Read(p []byte) (n int, err error) {
	err = s.src.guard(func() (err error) {
		n, err = s.file.Read(p)
		return err
	})
	return n, err
}

func (s *stream) Seek(offset int64, whence int) (at int64, err error) {
	if offset >= s.file.Size {
		return 0, damaged("it points behind its end, to byte %d of %d", offset, s.file.Size)
	}
	err = s.src.guard(func() (err error) {
		at, err = s.file.Seek(offset, whence)
		return err
	})
	return at, err
}
