package importer

import (
	"context"
	"io"
	"os"

	"muster/internal/directory"
)

// Try reads a file as Plan would, and keeps nothing: it returns the import that an
// upload would begin as, with what can be told of the file before its rows are
// compared with the directory, or refused, as Plan would leave it. Counts of rows by
// action, and issues of single rows, take a plan. The file may be as large as any:
// meanwhile it lies, sealed, in a file without a name.
func (s *Service) Try(ctx context.Context, actor directory.Actor, name string, file io.Reader, o Options) (*Import, error) {
	imp, err := s.check(ctx, actor, o)
	if err != nil {
		return nil, err
	}
	imp.File = name
	there, err := newAside(s.Store)
	if err != nil {
		return nil, err
	}
	defer there.file.Close()
	trial := *s
	trial.Store = there
	if err := trial.keep(ctx, imp, file); err != nil {
		return nil, err
	}
	p := &planner{Service: &trial, imp: imp}
	err = p.try(ctx)
	if cause, ok := asIssue(err); ok {
		imp.refused(cause)
		imp.State, err = Refused, nil
	}
	return imp, err
}

// try reads the whole file, and counts its rows.
func (p *planner) try(ctx context.Context) error {
	p.imp.clearPlan()
	if err := p.look(ctx); err != nil {
		return err
	}
	for last := false; !last; {
		var err error
		b := &judged{}
		if last, err = p.readBatch(b, int(p.imp.Rows)+1); err != nil {
			return err
		}
		p.imp.Rows += int64(len(b.records))
	}
	if err := p.anyRows(); err != nil {
		return err
	}
	return p.recognise(ctx)
}

// aside is the store for a file that is not to be kept.
type aside struct {
	Store
	file *os.File
	ends []int64 // of the parts
}

// newAside makes a place that ends with the process, however that ends.
func newAside(s Store) (*aside, error) {
	f, err := os.CreateTemp("", "muster-*")
	if err != nil {
		return nil, err
	}
	return &aside{Store: s, file: f}, os.Remove(f.Name())
}

// begins is where a part begins.
func (a *aside) begins(part int) int64 {
	if part == 0 {
		return 0
	}
	return a.ends[part-1]
}

// AddUpload sets the next part of the file aside.
func (a *aside) AddUpload(_ context.Context, _ int64, part int, sealed []byte) error {
	n, err := a.file.WriteAt(sealed, a.begins(part))
	a.ends = append(a.ends, a.begins(part)+int64(n))
	return err
}

// Upload returns a part of it.
func (a *aside) Upload(_ context.Context, _ int64, part int) ([]byte, error) {
	sealed := make([]byte, a.ends[part]-a.begins(part))
	_, err := a.file.ReadAt(sealed, a.begins(part))
	return sealed, err
}
