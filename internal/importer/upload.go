package importer

import (
	"context"
	"encoding/hex"
	"errors"
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
	return imp, s.Store.WriteImport(ctx, func(tx Tx) error { return tx.SaveImport(ctx, imp) })
}

// keep seals the file part by part.
func (s *Service) keep(ctx context.Context, imp *Import, file io.Reader) error {
	mac, buffer := s.Key.NewMAC("file"), make([]byte, partSize)
	for part := 0; ; part++ {
		n, err := io.ReadFull(file, buffer)
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
			return readError{err}
		}
	}
}

// readError is an error of the file, not of the database.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

// abandon ends an import whose file did not arrive: refused where the file is
// to blame, cancelled where somebody stopped it.
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

// uploadReader reads a kept file back.
type uploadReader struct {
	ctx    context.Context
	s      *Service
	number int64
	size   int64
	part   int
	rest   []byte
	read   int64
}

func (r *uploadReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		sealed, err := r.s.Store.Upload(r.ctx, r.number, r.part)
		if err != nil {
			return 0, err
		}
		switch {
		case sealed == nil && r.read < r.size: // of which a server that took the place of another had not heard
			return 0, UploadCut.New("%d of the %d bytes of the file are there.", r.read, r.size)
		case sealed == nil:
			return 0, io.EOF
		}
		if r.rest, err = r.s.Key.Open(sealed, SealedFor(r.number, r.part, "upload")); err != nil {
			return 0, err
		}
		r.part++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	r.read += int64(n)
	return n, nil
}
