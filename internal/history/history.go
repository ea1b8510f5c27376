// Package history seals the history of the directory, so that nobody who has the
// database and not the secret key can change what was, unnoticed.
//
// New entries are sealed in blocks, each of those after the last one of the block
// before. A block names every entry that it has, with a MAC of it; its seal is an HMAC
// under the secret key over the block and the seal of the block before. So Verify
// can say which entry was altered, removed or put in between, and which block.
//
// Sealing costs those nothing who write. Entries are read and their MACs made while
// others write; only adding the block takes the turn of a writer. An entry never comes in
// between others later: writers take turns, and each gives its entries ids behind all
// that are there, whatever its clock says (store). What is found among the entries of a
// block all the same was put there by somebody else.
//
// What nobody can notice here: entries that were altered before they were sealed, or
// invented and then sealed; and blocks that were cut off at the end, with all that
// they sealed, unless it is known elsewhere how many there were. For that the sealer
// writes the number and seal of the newest block beside the secret key (Witness) and
// into the log. See docs/decisions/0024.
package history

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/binary"
	"hash"
	"time"

	"muster/internal/directory"
	"muster/internal/secret"
)

// Block is a number of entries that were sealed together.
type Block struct {
	Number  int64 // 1 is the first
	At      time.Time
	Last    directory.ID // the id of its last entry
	Entries []byte       // its entries, ordered by id: the id of each, and 8 bytes of its MAC
	Seal    []byte
}

// Store is what sealing needs of the database.
type Store interface {
	// NewestBlock returns the newest block, whose entries are of no use, and which has the number 0 where there is none.
	NewestBlock(context.Context) (Block, error)
	// Block returns the block that comes after a number; its number is 0 where there is
	// none.
	Block(ctx context.Context, after int64) (Block, error)
	// AddBlock adds a block behind another, and reports whether it could: where somebody else
	// has added one meanwhile, it is not added.
	AddBlock(ctx context.Context, former, b Block) (bool, error)
	// EntriesBetween calls f for at most so many entries after one and up to another, in the
	// order of their ids. Where the changes of one stand with the row of its import, they are
	// without references.
	EntriesBetween(ctx context.Context, after, upTo directory.ID, most int, f func(*directory.Entry) error) error
	// CountAfter counts the entries after one.
	CountAfter(context.Context, directory.ID) (int64, error)
}

// Sealer seals the history of a database, and verifies it.
type Sealer struct {
	Store   Store
	Key     *secret.Key
	Witness Witness
	Now     func() time.Time
}

// An item of a block is the id of an entry and a part of its MAC.
const (
	idSize   = 16
	tagSize  = 8
	itemSize = idSize + tagSize
	// most is how many entries a block has at most.
	most = 5000
)

// end is behind every id.
var end = directory.ID(bytes.Repeat([]byte{0xff}, idSize))

// Count is how many entries the block has.
func (b *Block) Count() int { return len(b.Entries) / itemSize }

// macs makes the MACs of entries and the seals of blocks. The keys for these stay when
// the secret key is changed, so nothing has to be sealed anew then.
type macs struct {
	entry, block hash.Hash
	text, sum    []byte // of the last entry
}

func newMACs(k *secret.Key) *macs {
	return &macs{entry: k.NewMAC("history entry"), block: k.NewMAC("history block")}
}

// tag is the part of an entry's MAC that its block keeps, until it is asked for another.
func (m *macs) tag(e *directory.Entry) []byte {
	m.entry.Reset()
	m.text = appendEntry(m.text[:0], e)
	m.entry.Write(m.text)
	m.sum = m.entry.Sum(m.sum[:0])
	return m.sum[:tagSize]
}

// appendEntry appends all that an entry says, in a form that nothing else has: the length
// of each text stands before it.
func appendEntry(b []byte, e *directory.Entry) []byte {
	b = append(append(b, e.ID[:]...), e.UserID[:]...)
	for _, n := range []int64{e.At.UnixMicro(), e.Import, int64(e.Row)} {
		b = binary.AppendVarint(b, n)
	}
	for _, text := range []string{e.Actor, e.Door, e.Org, e.FormerOrg, e.Subject, e.Action} {
		b = appendText(b, text)
	}
	for _, c := range e.Changes {
		for _, text := range []string{c.Field, c.Old, c.New, c.Ref} {
			b = appendText(b, text)
		}
	}
	return b
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// seal is what the seal of a block has to be, behind a block of another seal.
func (m *macs) seal(b *Block, former []byte) []byte {
	m.block.Reset()
	head := binary.AppendVarint(binary.AppendVarint([]byte{1}, b.Number), b.At.UnixMicro()) // 1: the first form of a block
	m.block.Write(append(head, b.Last[:]...))
	m.block.Write(appendText(nil, string(former)))
	m.block.Write(b.Entries)
	return m.block.Sum(nil)
}

func (m *macs) fits(b *Block, former []byte) bool { return hmac.Equal(m.seal(b, former), b.Seal) }
