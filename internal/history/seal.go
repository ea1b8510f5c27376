package history

import (
	"context"
	"log/slog"
	"time"

	"muster/internal/directory"
)

// Seal seals all entries that are not sealed yet, and returns how many these were. Of
// several who do so at once one succeeds with each block, and the others try again. The
// error is ErrCutOff where blocks are gone that were sealed here before.
func (s *Sealer) Seal(ctx context.Context) (sealed int64, err error) {
	m, newest := newMACs(s.Key), Block{}
	for {
		b, added, failed := s.another(ctx, m)
		if err = failed; err != nil || b.Count() == 0 {
			break
		}
		if added {
			newest, sealed = b, sealed+int64(b.Count())
		}
	}
	if err == nil {
		err = s.Known(ctx) // or what was taken down is kept, as it proves something
	}
	if err == nil && sealed > 0 {
		err = s.Witness.write(newest)
	}
	return sealed, err
}

// another makes one block more, and reports whether it could be added.
func (s *Sealer) another(ctx context.Context, m *macs) (b Block, added bool, err error) {
	former, err := s.Store.NewestBlock(ctx)
	if err != nil {
		return b, false, err
	}
	if b, err = s.next(ctx, m, &former); err == nil && b.Count() > 0 {
		added, err = s.Store.AddBlock(ctx, former, b)
	}
	return b, added, err
}

// next makes the next block, which has no entry where all are sealed.
func (s *Sealer) next(ctx context.Context, m *macs, former *Block) (Block, error) {
	b := Block{Number: former.Number + 1, At: s.Now().Truncate(time.Microsecond), Last: former.Last}
	err := s.Store.EntriesBetween(ctx, former.Last, end, most, func(e *directory.Entry) error {
		b.Entries = append(append(b.Entries, e.ID[:]...), m.tag(e)...)
		b.Last = e.ID
		return nil
	})
	b.Seal = m.seal(&b, former.Seal)
	return b, err
}

// Interval is how often Run seals.
const Interval = time.Minute

// Run seals what is new, at once and then every minute, until ctx ends. The seals stand
// in the log, which is kept elsewhere than the database.
func (s *Sealer) Run(ctx context.Context, log *slog.Logger) {
	ticks := time.NewTicker(Interval)
	defer ticks.Stop()
	for ctx.Err() == nil {
		s.round(ctx, log)
		select {
		case <-ctx.Done():
		case <-ticks.C:
		}
	}
}

func (s *Sealer) round(ctx context.Context, log *slog.Logger) {
	n, err := s.Seal(ctx)
	if err != nil && ctx.Err() == nil {
		log.Warn("the history is not sealed as it should be; it is tried again", "reason", err.Error())
	}
	if n == 0 {
		return
	}
	if b, err := s.Store.NewestBlock(ctx); err == nil {
		log.Info("history sealed", "entries", n, "block", b.Number, "seal", b.SealText())
	}
}
