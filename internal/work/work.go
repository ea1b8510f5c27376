// Package work is what happens in the background. It goes on with imports that
// somebody has left to it, or that a process which died has left behind.
//
// How far an import is stands in its rows, and who works on it in its lease;
// the queue only says that an import is to be gone on with. So a job of the queue
// may come twice, late or never: whoever takes one asks the importer, which goes
// on from where the import is, or finds nothing to do. A job is enqueued after the
// transaction that makes the work. What a crash between the two leaves out is
// found by the sweep (sweep.go): every second each process looks for imports
// that wait and on which nobody who lives works, and enqueues them. That is also
// how the work of a process that died is taken over.
//
// The queue is River. With PostgreSQL its tables stand beside those of Muster.
// With SQLite they have a file of their own beside the database: River does not
// take turns with other writers (see docs/decisions/0012), and what is in there
// can be lost without harm.
//
// Where machines share a server, one whose process has time helps another to hash
// the passwords of a large import (lend.go).
//
// Small imports do not wait for large ones: each size has workers of its own
// (lane). And of these one organisation gets all but one, so that its many
// imports hold nobody else's up (share.go).
package work

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"muster/internal/importer"
	"muster/internal/store"
)

// Queue is the queue of one database.
type Queue struct {
	store    *store.Store
	importer *importer.Service
	log      *slog.Logger
	share    *share
	river    client
	file     *sql.DB        // of River, where it has one
	mine     sync.Map       // the numbers of the imports that this process works on
	lending  sync.Mutex     // held while it helps another
	helping  sync.WaitGroup // for that to end
}

// client is what the queue uses of River, whose type depends on the engine.
type client interface {
	Insert(context.Context, river.JobArgs, *river.InsertOpts) (*rivertype.JobInsertResult, error)
	Start(context.Context) error
	StopAndCancel(context.Context) error
}

// The lanes: an import of at most so many rows is small; while its rows are not
// counted yet, a file of at most so many bytes.
const (
	smallLane  = "small"
	largeLane  = "large"
	smallRows  = 1000
	smallBytes = 256 << 10
)

// Open opens the queue of a database, and sets it up where there is none. Workers
// is how many imports of each size are worked on at once: at least 2, so that
// nobody has all; 0 is one for each core.
func Open(ctx context.Context, s *store.Store, i *importer.Service, workers int, log *slog.Logger) (*Queue, error) {
	if workers == 0 {
		workers = runtime.NumCPU()
	}
	workers = max(2, workers)
	q := &Queue{store: s, importer: i, log: log, share: newShare(workers - 1)}
	if err := q.connect(ctx, q.config(workers)); err != nil {
		return nil, errors.Join(err, q.Close())
	}
	return q, nil
}

// Close closes what Open has opened. The store is its owner's.
func (q *Queue) Close() error {
	if q.file == nil {
		return nil
	}
	return q.file.Close()
}

// Enqueue says that an import is to be gone on with. Where that cannot be said
// now, the sweep will: nothing is lost.
func (q *Queue) Enqueue(ctx context.Context, imp *importer.Import) error {
	lane := largeLane
	if imp.Rows <= smallRows && (imp.Rows > 0 || imp.Bytes <= smallBytes) {
		lane = smallLane
	}
	_, err := q.river.Insert(ctx, Stage{imp.Number, imp.State, imp.Lease, imp.Org}, &river.InsertOpts{Queue: lane})
	return err
}

// Patience is how long work that is told to stop may take to come to a border.
const Patience = 30 * time.Second

// Run works until ctx ends. Batches that have begun are finished then, and the
// leases of their imports given back.
func (q *Queue) Run(ctx context.Context) error {
	if err := q.river.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	q.log.Info("working")
	q.tend(ctx)
	q.log.Info("stopping")
	q.helping.Wait()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), Patience)
	defer cancel()
	if err := q.river.StopAndCancel(stop); err != nil {
		q.log.Warn("stopped before all work came to a border; it is gone on with by others", "error", err)
	}
	return nil
}
