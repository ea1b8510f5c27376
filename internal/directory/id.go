package directory

import (
	"database/sql/driver"
	"fmt"

	"github.com/google/uuid"
)

// ID identifies a user or a group for ever, whatever becomes of its address or
// name. It is a UUIDv7 (RFC 9562), so that ids made one after the other lie
// side by side in an index.
type ID [16]byte

func init() { uuid.EnableRandPool() } // an id is no secret, and an import makes very many

// NewID returns a fresh ID.
func NewID() ID { return ID(uuid.Must(uuid.NewV7())) }

// ParseID reads the text form of an ID, in any case.
func ParseID(s string) (ID, error) {
	u, err := uuid.Parse(s)
	return ID(u), err
}

// IsZero reports whether the ID names nothing.
func (id ID) IsZero() bool { return id == ID{} }

func (id ID) String() string {
	if id.IsZero() {
		return ""
	}
	return uuid.UUID(id).String()
}

// Value stores the ID as its 16 bytes, and no ID as none.
func (id ID) Value() (driver.Value, error) {
	if id.IsZero() {
		return []byte{}, nil
	}
	return id[:], nil
}

// Scan reads what Value stored.
func (id *ID) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok && src != nil {
		return fmt.Errorf("an id is stored as bytes, not as %T", src)
	}
	*id = ID{}
	copy(id[:], b)
	return nil
}
