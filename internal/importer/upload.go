package importer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"muster/internal/directory"
	"muster/internal/issue"
)

// The problems of receiving a file.
var (
	FileUnreadable = issue.NewError("file-unreadable", "The file cannot be read, or is a folder.", "Check the name, and that you may read the file.")
	UploadCut      = issue.NewError("upload-incomplete", "The file did not arrive to its end.", "Send it again.")
)

// partSize is how much of a file is sealed and kept at a time.
const partSize = 1 << 20

// Upload keeps a file until it is planned, and knows it again by its
// fingerprint: an HMAC, because a plain digest would let passwords be guessed.
func (s *Service) Upload(ctx context.Context, actor directory.Actor, name string, file io.Reader, o Options) (*Import, error) {
	if err := s.Sweep(ctx); err != nil {
		return nil, err
	}
	imp, err := s.check(ctx, actor, o)
	if err != nil {
		return nil, err
	}
	imp.File = name
	if err := s.Store.AddImport(ctx, imp); err != nil {
		return nil, err
	}
	w := &work{Service: s, number: imp.Number}
	defer w.release()
	if _, err = w.alone(ctx); err == nil {
		err = s.keep(ctx, imp, file)
	}
	if err != nil {
		return s.abandon(ctx, imp, err)
	}
	return imp, s.Store.WriteImport(ctx, func(tx Tx) error { return s.save(ctx, tx, imp) })
}

// keep seals the file part by part.
func (s *Service) keep(ctx context.Context, imp *Import, file io.Reader) error {
	mac, buffer := s.Key.NewMAC("file"), make([]byte, partSize)
	for part := 0; ; part++ {
		n, err := io.ReadFull(whole{file}, buffer)
		if n > 0 {
			mac.Write(buffer[:n])
			imp.Bytes += int64(n)
			sealed := s.Key.Seal(buffer[:n], SealedFor(imp.Number, part, "upload"))
			if err := s.Store.AddUpload(ctx, imp.Number, part, sealed); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			imp.Fingerprint = hex.EncodeToString(mac.Sum(nil))
			return nil
		case err != nil:
			if _, told := asIssue(err); told {
				return err
			}
			return readError{err}
		}
	}
}

// whole tells of a file that was cut off, which io.ReadFull would take for one that has ended.
type whole struct{ io.Reader }

// Read reads on.
func (w whole) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = UploadCut.New("The file did not arrive to its end.")
	}
	return n, err
}

// readError is an error of the file, not of the database.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

// abandon ends an import whose file did not arrive: refused where the file is
// to blame, cancelled where somebody stopped it, or whoever reads it says why it is
// not to be taken.
func (s *Service) abandon(ctx context.Context, imp *Import, cause error) (*Import, error) {
	var unreadable readError
	if errors.As(cause, &unreadable) {
		var path *fs.PathError
		reason := cause.Error()
		if errors.As(cause, &path) {
			reason = path.Err.Error()
		}
		return s.refuse(ctx, imp, FileUnreadable.New("The file %s cannot be read: %s.", imp.File, reason))
	}
	return imp, errors.Join(cause, s.cancelQuietly(ctx, imp))
}

func (s *Service) cancelQuietly(ctx context.Context, imp *Import) error {
	ctx = context.WithoutCancel(ctx)
	return s.Store.WriteImport(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, imp.Number)
		if err != nil {
			return err
		}
		if *imp = *now; imp.State != Planning {
			return nil
		}
		return s.cancel(ctx, tx, imp)
	})
}

// uploadReader reads a kept file back, from any place: CSV from its beginning on, a
// workbook part by part. It opens a part of the file when that is asked for, and
// holds the last ones in memory; nothing of it is ever on a disk unsealed.
type uploadReader struct {
	ctx    context.Context
	s      *Service
	number int64
	size   int64
	parts  [2]opened // the last ones, the latest first
	read   int64     // the place up to which it was read last
}

// opened is a part of the file, counted from 0.
type opened struct {
	part  int
	bytes []byte // nil where there is none yet
}

// Size returns the size of the file.
func (r *uploadReader) Size() int64 { return r.size }

// ReadAt reads from a place of the file on.
func (r *uploadReader) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) && at >= 0 && at < r.size {
		part, err := r.part(int(at / partSize))
		if err != nil {
			return n, err
		}
		k := copy(p[n:], part[at%partSize:])
		n, at = n+k, at+int64(k)
	}
	r.read = at
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// part returns a part of the file that there must be. A server that took the place
// of another may not have heard of it.
func (r *uploadReader) part(part int) ([]byte, error) {
	for i, o := range r.parts {
		if o.bytes != nil && o.part == part {
			r.parts[0], r.parts[i] = r.parts[i], r.parts[0]
			return o.bytes, nil
		}
	}
	sealed, err := r.s.Store.Upload(r.ctx, r.number, part)
	if err != nil {
		return nil, err
	}
	if sealed == nil {
		return nil, UploadCut.New("Of the %d bytes of the file only the first %d are there.", r.size, int64(part)*partSize)
	}
	bytes, err := r.s.Key.Open(sealed, SealedFor(r.number, part, "upload"))
	if err != nil {
		return nil, err
	}
	if want := min(partSize, r.size-int64(part)*partSize); int64(len(bytes)) != want {
		return nil, fmt.Errorf("part %d of the file of import %d has %d bytes instead of %d", part, r.number, len(bytes), want)
	}
	r.parts[0], r.parts[1] = opened{part, bytes}, r.parts[0]
	return bytes, nil
}
