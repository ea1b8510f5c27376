package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// measured counts the bytes that are written.
type measured struct {
	io.Writer
	size *int64
}

func (m measured) Write(p []byte) (int, error) {
	n, err := m.Writer.Write(p)
	*m.size += int64(n)
	return n, err
}

// writeWhole writes to standard output or to a file. The file is written beside
// its place, under a name that says so, and gets its own name when it is on the
// disk as a whole: what a crash leaves behind is never taken for it, and what had
// the name before is there until then. It is its owner's alone.
func (s *session) writeWhole(path string, write func(io.Writer) error) error {
	if toStandardOutput(path) {
		return write(s.out)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeDevice(path, write)
	}
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return refused("There is a file %s: another backup is being written there, or one was cut off. If none is, remove the file, and run the command again.", clean(part))
	}
	if err != nil {
		return unwritable(path, err)
	}
	defer os.Remove(part) // which is not there any more when all went well
	if err := write(f); err != nil {
		return errors.Join(ofFile(path, part, err), f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close(), os.Rename(part, path), syncFolder(filepath.Dir(path))); err != nil {
		return unwritable(path, err)
	}
	return nil
}

// ofFile tells an error of the file that is written from all others.
func ofFile(path, part string, err error) error {
	var where *fs.PathError
	if errors.As(err, &where) && where.Path == part {
		return unwritable(path, err)
	}
	return err
}

// syncFolder brings the names in a folder to the disk.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// openBackup opens a backup to be read, and tells how large it is as far as it
// was read.
func (s *session) openBackup(path string, size *int64) (io.ReadCloser, error) {
	if toStandardOutput(path) {
		return piped{interruptible{io.NopCloser(s.process.Stdin), s.ctx}, size}, nil
	}
	info, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		return nil, usage("there is no file %q: %w", path, reasonOf(err))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, refused("The file %s cannot be read: %s.", clean(path), reasonOf(err))
	}
	if !info.Mode().IsRegular() {
		return piped{interruptible{f, s.ctx}, size}, nil
	}
	*size = info.Size()
	return watched{f, s.ctx}, nil
}

// reasonOf is what the file system says, without the name of the file.
func reasonOf(err error) error {
	var where *fs.PathError
	if errors.As(err, &where) {
		return where.Err
	}
	return err
}

// piped is a backup that can be read only once.
type piped struct {
	io.ReadCloser
	size *int64
}

func (p piped) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	*p.size += int64(n)
	return n, err
}

// watched is a file whose reading ends when the command is interrupted.
type watched struct {
	*os.File
	ctx context.Context
}

func (w watched) Read(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.File.Read(b)
}
