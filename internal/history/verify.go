package history

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"time"

	"muster/internal/directory"
)

// The kinds of finding.
const (
	Removed      = "removed"       // an entry that its block names is not there
	Altered      = "altered"       // an entry does not say what it said when it was sealed
	Inserted     = "inserted"      // an entry is among those of a block, which does not name it
	BlockAltered = "block-altered" // the seal of a block does not fit it
	BlockMissing = "block-missing" // the numbers of the blocks have a gap
	CutOff       = "cut-off"       // the newest block is not the one that was taken down elsewhere
)

// Finding is something that was changed.
type Finding struct {
	Kind  string
	Block int64
	Entry directory.ID // of Removed, Altered and Inserted
	At    time.Time    // when the entry was made, by its id; of blocks: when it was sealed
	Text  string
}

// Report is what Verify has found.
type Report struct {
	Blocks, Sealed, Unsealed int64
	Newest                   Block // without its entries
	Found                    int64 // how many findings there are
	Findings                 []Finding
}

// mostFindings are those that a report tells in full.
const mostFindings = 1000

func (r *Report) add(kind string, block int64, entry directory.ID, at time.Time, format string, args ...any) {
	if r.Found++; r.Found <= mostFindings {
		r.Findings = append(r.Findings, Finding{kind, block, entry, at, fmt.Sprintf(format, args...)})
	}
}

// verifying is the work of Verify.
type verifying struct {
	*Sealer
	*macs
	*Report
	former  Block  // the block before, without its entries
	counted []byte // the seal that the block before should have
	gap     bool   // the block before is missing
	witness struct {
		number int64
		seal   string
	}
}

// Verify compares every sealed entry with its block, and every block with its seal. It
// reads block by block, and changes nothing. Report is told how many entries are done, of
// how many about.
func (s *Sealer) Verify(ctx context.Context, report func(done, total int64)) (*Report, error) {
	v := &verifying{Sealer: s, macs: newMACs(s.Key), Report: &Report{}}
	var err error
	if v.witness.number, v.witness.seal, err = s.Witness.read(); err != nil {
		return nil, err
	}
	total, err := s.Store.CountAfter(ctx, directory.ID{})
	if err != nil {
		return nil, err
	}
	for {
		b, err := s.Store.Block(ctx, v.former.Number)
		if err != nil {
			return nil, err
		}
		if b.Number == 0 {
			break
		}
		if err := v.block(ctx, &b); err != nil {
			return nil, err
		}
		report(v.Sealed, max(total, v.Sealed))
	}
	v.newest()
	v.Unsealed, err = s.Store.CountAfter(ctx, v.former.Last)
	return v.Report, err
}

// block verifies a block and the entries that lie between its borders.
func (v *verifying) block(ctx context.Context, b *Block) error {
	if v.gap = b.Number != v.former.Number+1; v.gap {
		v.add(BlockMissing, v.former.Number+1, directory.ID{}, v.former.At, "Blocks %d to %d are missing.", v.former.Number+1, b.Number-1)
	}
	whole := v.fits(b, v.former.Seal) || v.counted != nil && v.fits(b, v.counted)
	if !whole && !v.gap {
		v.add(BlockAltered, b.Number, directory.ID{}, b.At, "The seal of block %d does not fit it: the block was altered, or sealed with another key.", b.Number)
	}
	if b.Number == v.witness.number && b.SealText() != v.witness.seal {
		v.add(CutOff, b.Number, directory.ID{}, b.At, "Block %d is not the one that was sealed here under this number.", b.Number)
	}
	v.counted = v.seal(b, v.former.Seal)
	v.Blocks++
	v.Sealed += int64(b.Count())
	err := v.entries(ctx, b, whole || v.gap)
	v.former = *b
	v.former.Entries = nil
	return err
}

// entries compares the entries between the borders of a block with those that it
// names, if these can be trusted.
func (v *verifying) entries(ctx context.Context, b *Block, trusted bool) error {
	if !trusted || len(b.Entries)%itemSize != 0 {
		return nil
	}
	from := v.former.Last
	if v.gap && len(b.Entries) > 0 { // nobody knows what the missing block had
		from = before(directory.ID(b.Entries[:idSize]))
	}
	named := b.Entries
	err := v.Store.EntriesBetween(ctx, from, b.Last, math.MaxInt32, func(e *directory.Entry) error {
		named = v.compare(b, e, named)
		return nil
	})
	v.removed(b, named)
	return err
}

// compare compares an entry with the next ones that a block names, and returns those
// that come after it.
func (v *verifying) compare(b *Block, e *directory.Entry, named []byte) []byte {
	n := 0
	for n < len(named) && bytes.Compare(named[n:n+idSize], e.ID[:]) < 0 {
		n += itemSize
	}
	v.removed(b, named[:n])
	named = named[n:]
	if len(named) == 0 || !bytes.Equal(named[:idSize], e.ID[:]) {
		v.add(Inserted, b.Number, e.ID, made(e.ID), "An entry was put among those of block %d after it was sealed: %s, by %s.", b.Number, e.Action, e.Actor)
		return named
	}
	if !bytes.Equal(named[idSize:itemSize], v.tag(e)) {
		v.add(Altered, b.Number, e.ID, made(e.ID), "An entry of block %d was altered after it was sealed: %s, by %s.", b.Number, e.Action, e.Actor)
	}
	return named[itemSize:]
}

// removed tells of entries that a block names and that are not there.
func (v *verifying) removed(b *Block, named []byte) {
	for ; len(named) > 0; named = named[itemSize:] {
		id := directory.ID(named[:idSize])
		v.add(Removed, b.Number, id, made(id), "An entry of block %d was removed.", b.Number)
	}
}

// newest compares the newest block with what is known elsewhere.
func (v *verifying) newest() {
	v.Newest = v.former
	if v.witness.number > v.former.Number {
		v.add(CutOff, v.former.Number+1, directory.ID{}, v.former.At, "Block %d was sealed here, and the newest that is there is %d: blocks %d to %d were cut off, or an older state of the database was put back.",
			v.witness.number, v.former.Number, v.former.Number+1, v.witness.number)
	}
}

// made is when an entry was made, by its id (RFC 9562 section 5.7).
func made(id directory.ID) time.Time {
	ms := int64(0)
	for _, b := range id[:6] {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms)
}

// before is an id that comes just before another.
func before(id directory.ID) directory.ID {
	for i := len(id) - 1; i >= 0; i-- {
		id[i]--
		if id[i] != 0xff {
			break
		}
	}
	return id
}
