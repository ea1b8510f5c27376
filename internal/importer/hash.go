package importer

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"muster/internal/password"
)

// hashing is the work on the passwords that a file supplied: that of whoever has
// the import's lease, or of another process that helps (Help). Passwords are
// handed out some at a time by a mark in the import, so that no two hash the same.
type hashing struct {
	*Service
	imp   *Import
	lease int64         // 0: of a helper
	took  time.Duration // by the last batch
}

// hash makes the hashes of the passwords that the file supplied, on all cores
// and outside any write transaction. A password is destroyed in the transaction
// that keeps its hash, so none is hashed twice.
func (s *Service) hash(ctx context.Context, imp *Import) error {
	if imp.State != Hashing || imp.Secrets == 0 {
		return nil
	}
	h := &hashing{Service: s, imp: imp, lease: imp.Lease}
	if err := h.handOutAgain(ctx); err != nil {
		return err
	}
	for imp.State == Hashing {
		n, err := h.next(ctx)
		if err == nil && n == 0 {
			var over bool
			if over, err = h.await(ctx); over {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Help hashes passwords of an import on which another process works, until none
// is left to be handed out, and returns how many it has hashed.
func (s *Service) Help(ctx context.Context, number int64) (done int, err error) {
	h := &hashing{Service: s, imp: &Import{Number: number}}
	for n := 1; n > 0 && err == nil; done += n {
		n, err = h.next(ctx)
	}
	return done, err
}

// NeedsHelp reports whether the hashing of an import is worth sharing: it is a few
// seconds' work at least.
func (i *Import) NeedsHelp() bool { return i.State == Hashing && i.Secrets-i.Hashed > 8*hashBatch }

// next hashes what is handed out next, and returns how many passwords that were.
func (h *hashing) next(ctx context.Context) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	began := time.Now()
	batch, err := h.handOut(ctx)
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	hashed, err := h.hashAll(h.imp.Number, batch)
	if err == nil {
		err = h.keep(ctx, hashed)
	}
	h.took = time.Since(began)
	h.report("hashing", h.imp.Hashed, h.imp.Secrets)
	return len(batch), err
}

// handOut takes the next passwords, for nobody else to hash.
func (h *hashing) handOut(ctx context.Context) (batch []Secret, err error) {
	err = h.write(ctx, func(tx Tx) error {
		batch, err = tx.Secrets(ctx, h.imp.Number, Supplied, int(h.imp.HashNext), math.MaxInt, hashBatch)
		if err != nil || len(batch) == 0 {
			return err
		}
		h.imp.HashNext = int64(batch[len(batch)-1].Row) + 1
		return h.save(ctx, tx, h.imp)
	})
	return batch, err
}

// handOutAgain begins anew with the passwords that are not hashed: whoever they
// were handed out to has died.
func (h *hashing) handOutAgain(ctx context.Context) error {
	return h.write(ctx, func(tx Tx) error {
		h.imp.HashNext = 0
		return h.save(ctx, tx, h.imp)
	})
}

// await waits for what was handed out to helpers, and tells whether all is hashed.
// Those of whom nothing comes for three times as long as a batch takes have died.
func (h *hashing) await(ctx context.Context) (over bool, err error) {
	for until := time.Now().Add(max(time.Second, 3*h.took)); ; {
		left, err := h.Store.Secrets(ctx, h.imp.Number, Supplied, 0, math.MaxInt, 1)
		switch {
		case err != nil || len(left) == 0:
			return true, err
		case time.Now().After(until):
			return false, h.handOutAgain(ctx)
		}
		if err := pause(ctx); err != nil {
			return true, err
		}
	}
}

// write runs f in a transaction, with the import as it then is, unless it is no
// longer to be hashed. Who has its lease must have it still.
func (h *hashing) write(ctx context.Context, f func(Tx) error) error {
	return h.Store.WriteStep(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, h.imp.Number)
		if err != nil {
			return err
		}
		if h.lease != 0 && now.Lease != h.lease {
			return errTakenOver
		}
		if *h.imp = *now; h.imp.State != Hashing {
			return nil
		}
		return f(tx)
	})
}

// HashingTime estimates how long this machine will take to hash the passwords of a
// planned import: it hashes one to find out.
func (s *Service) HashingTime(imp *Import) time.Duration {
	if imp.Secrets == 0 {
		return 0
	}
	start := time.Now()
	password.Hash("how long does it take", s.Hashing)
	return time.Since(start) * time.Duration(imp.Secrets) / time.Duration(runtime.GOMAXPROCS(0))
}

// hashBatch bounds what is lost when the process dies: about a second's work.
const hashBatch = 64

// hashAll turns supplied passwords into sealed hashes, one worker a core.
func (s *Service) hashAll(number int64, batch []Secret) ([]Secret, error) {
	hashed, errs := make([]Secret, len(batch)), make([]error, len(batch))
	var group sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range next {
				hashed[i], errs[i] = s.hashOne(number, batch[i])
			}
		})
	}
	for i := range batch {
		next <- i
	}
	close(next)
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return hashed, nil
}

func (s *Service) hashOne(number int64, sealed Secret) (Secret, error) {
	plain, err := s.Key.Open(sealed.Sealed, SealedFor(number, sealed.Row, Supplied))
	if err != nil {
		return Secret{}, err
	}
	s.Gate.Behind()
	hash := password.Hash(string(plain), s.Hashing)
	return Secret{Row: sealed.Row, Kind: Hashed, Sealed: s.Key.Seal([]byte(hash), SealedFor(number, sealed.Row, Hashed))}, nil
}

// keep exchanges passwords for their hashes, but for those that another process has
// exchanged meanwhile.
func (h *hashing) keep(ctx context.Context, hashed []Secret) error {
	first, last := hashed[0].Row, hashed[len(hashed)-1].Row
	return h.write(ctx, func(tx Tx) error {
		there, err := tx.Secrets(ctx, h.imp.Number, Supplied, first, last, len(hashed))
		if err != nil {
			return err
		}
		waiting := map[int]bool{}
		for _, s := range there {
			waiting[s.Row] = true
		}
		hashed = slices.DeleteFunc(hashed, func(s Secret) bool { return !waiting[s.Row] })
		if err := tx.DeleteSecrets(ctx, h.imp.Number, Supplied, first, last); err != nil {
			return err
		}
		if err := tx.AddSecrets(ctx, h.imp.Number, hashed); err != nil {
			return err
		}
		h.imp.Hashed += int64(len(hashed))
		return h.save(ctx, tx, h.imp)
	})
}
