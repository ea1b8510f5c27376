package work

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"muster/internal/importer"
	"muster/internal/issue"
	"muster/internal/store"
)

// Stage is the job to go on with an import. There is one of an import, a stage
// and the last holder of its lease: a job whose process has died still counts as
// running, and is not to hold up whoever takes its work over.
type Stage struct {
	Import int64          `json:"import" river:"unique"`
	State  importer.State `json:"state" river:"unique"`
	Lease  int64          `json:"lease" river:"unique"`
	Org    string         `json:"org"`
}

// Kind is the name of the job.
func (Stage) Kind() string { return "stage" }

// InsertOpts has a job be unique while it is not done.
func (Stage) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled, rivertype.JobStateRetryable,
	}}}
}

// worker does the jobs.
type worker struct {
	river.WorkerDefaults[Stage]
	queue *Queue
}

// How long a job waits that has to let others go first.
const (
	fullShare = 500 * time.Millisecond // the organisation has its share of the workers
	rivals    = time.Second            // another import about the same people is applied
)

// Work goes on with an import.
func (w *worker) Work(ctx context.Context, job *river.Job[Stage]) error {
	q, mine := w.queue, place{job.Queue, job.Args.Org}
	if !q.share.take(mine) {
		return river.JobSnooze(fullShare)
	}
	defer q.share.give(mine)
	q.mine.Store(job.Args.Import, true)
	defer q.mine.Delete(job.Args.Import)
	log := q.log.With("import", job.Args.Import)
	log.Info("begun", "state", job.Args.State)
	began := time.Now()
	imp, err := q.importer.Work(ctx, job.Args.Import)
	var refusal issue.Issue
	switch {
	case err == nil && imp != nil:
		log.Info("ended", "state", imp.State, "rows", imp.Rows, "took", time.Since(began).Round(time.Millisecond).String())
	case err == nil:
		log.Debug("nothing was left to do")
	case ctx.Err() != nil:
		log.Info("interrupted")
		return river.JobSnooze(0)
	case errors.Is(err, importer.ErrWaits):
		log.Info("waits", "reason", err.Error())
		return river.JobSnooze(rivals)
	case errors.As(err, &refusal):
		log.Info("left as it is", "code", refusal.Code, "reason", refusal.Message)
	default:
		log.Warn("failed; it is tried again", "reason", reason(err), "attempt", job.Attempt)
		return err
	}
	return nil
}

// reason is why work failed, in plain words where the database is to blame.
func reason(err error) string {
	if plain := store.Reason(err); plain != "" {
		return "the database cannot be used: " + plain
	}
	return err.Error()
}

// longest is how long a job waits at most before it is tried again.
const longest = time.Minute

// backoff has a job that failed be tried again after 1, 2, 4 … seconds.
type backoff struct{}

func (backoff) NextRetry(job *rivertype.JobRow) time.Time {
	wait := longest
	if n := len(job.Errors); n < 6 {
		wait = time.Second << n
	}
	return time.Now().Add(wait)
}
