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

// hash makes the hashes of the passwords that the file supplied, on all cores
// and outside any write transaction. A password is destroyed in the transaction
// that keeps its hash, so none is hashed twice.
func (s *Service) hash(ctx context.Context, imp *Import) error {
	done := int64(0)
	for imp.State == Hashing {
		batch, err := s.nextSupplied(ctx, imp)
		if err != nil || len(batch) == 0 {
			return err
		}
		hashed, err := s.hashAll(imp.Number, batch)
		if err != nil {
			return err
		}
		if err := s.keepHashes(ctx, imp, hashed); err != nil {
			return err
		}
		done += int64(len(batch))
		s.report("hashing", done, imp.Secrets)
	}
	return nil
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

func (s *Service) nextSupplied(ctx context.Context, imp *Import) ([]Secret, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.Store.Secrets(ctx, imp.Number, Supplied, 0, math.MaxInt, hashBatch)
}

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
	plain, err := s.Key.Open(sealed.Sealed, sealedFor(number, sealed.Row, Supplied))
	if err != nil {
		return Secret{}, err
	}
	hash := password.Hash(string(plain), s.Hashing)
	return Secret{Row: sealed.Row, Kind: Hashed, Sealed: s.Key.Seal([]byte(hash), sealedFor(number, sealed.Row, Hashed))}, nil
}

// keepHashes exchanges passwords for their hashes.
func (s *Service) keepHashes(ctx context.Context, imp *Import, hashed []Secret) error {
	return s.Store.WriteStep(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, imp.Number)
		if err != nil {
			return err
		}
		if now.Lease != imp.Lease {
			return errTakenOver
		}
		if *imp = *now; imp.State != Hashing {
			return nil
		}
		return exchange(ctx, tx, imp.Number, hashed)
	})
}

// exchange puts hashes in the place of their passwords, but for those that
// another process has exchanged meanwhile.
func exchange(ctx context.Context, tx Tx, number int64, hashed []Secret) error {
	first, last := hashed[0].Row, hashed[len(hashed)-1].Row
	there, err := tx.Secrets(ctx, number, Supplied, first, last, len(hashed))
	if err != nil {
		return err
	}
	waiting := map[int]bool{}
	for _, s := range there {
		waiting[s.Row] = true
	}
	hashed = slices.DeleteFunc(hashed, func(h Secret) bool { return !waiting[h.Row] })
	if err := tx.DeleteSecrets(ctx, number, Supplied, first, last); err != nil {
		return err
	}
	return tx.AddSecrets(ctx, number, hashed)
}
