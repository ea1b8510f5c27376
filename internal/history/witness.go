package history

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Witness is the path of a file that knows the newest block, outside of the database:
// so blocks that were cut off at its end are missed. "" is none.
type Witness string

// WitnessOf is the file beside a secret key.
func WitnessOf(keyFile string) Witness { return Witness(keyFile + ".history") }

// SealText is the seal as people and files have it.
func (b *Block) SealText() string { return hex.EncodeToString(b.Seal) }

// write takes a block down. The file is changed at once, so that it always has a whole line.
func (w Witness) write(b Block) error {
	if w == "" {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(string(w)), filepath.Base(string(w))+".*")
	if err != nil {
		return fmt.Errorf("the newest seal of the history cannot be taken down: %w", err)
	}
	_, err = fmt.Fprintf(f, "%d %s\n", b.Number, b.SealText())
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), string(w))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// read returns the number and seal of the block that was taken down last; 0 is none.
func (w Witness) read() (number int64, seal string, err error) {
	text, err := os.ReadFile(string(w))
	if errors.Is(err, fs.ErrNotExist) || w == "" {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", err
	}
	if _, err := fmt.Sscanf(string(text), "%d %s", &number, &seal); err != nil {
		return 0, "", fmt.Errorf("%s is damaged: %w", string(w), err)
	}
	return number, seal, nil
}

// Forget removes the file: another history begins, such as that of a backup.
func (w Witness) Forget() error {
	if err := os.Remove(string(w)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// ErrCutOff tells that the history does not have the block that was taken down last.
var ErrCutOff = errors.New("blocks that were sealed here are gone, or others are in their place; see muster history verify")

// Known returns no error where the block that was taken down last is there. Where it is
// known why it is not, as after a standby took over, the file of the witness is removed.
func (s *Sealer) Known(ctx context.Context) error {
	number, seal, err := s.Witness.read()
	if err != nil || number == 0 {
		return err
	}
	b, err := s.Store.Block(ctx, number-1)
	if err == nil && (b.Number != number || b.SealText() != seal) {
		err = fmt.Errorf("%w (block %d, %s)", ErrCutOff, number, s.Witness)
	}
	return err
}
