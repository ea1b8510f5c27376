package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const mask = "(secret)"

// Text is a password or another secret in memory. It is printed as (secret)
// wherever package fmt calls methods, which is everywhere but in an unexported
// field of a struct that is printed whole, and with %p and %T, which are for
// pointers and types: keep it in exported fields. Reading it from JSON works
// as for any text.
type Text string

// Reveal returns the secret itself.
func (t Text) Reveal() string { return string(t) }

// Format masks the secret for every verb.
func (Text) Format(s fmt.State, _ rune) { io.WriteString(s, mask) }

// String masks the secret.
func (Text) String() string { return mask }

// GoString masks the secret.
func (Text) GoString() string { return mask }

// LogValue masks the secret.
func (Text) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalText masks the secret, also in JSON and XML.
func (Text) MarshalText() ([]byte, error) { return []byte(mask), nil }

// Format masks the key for every verb.
func (Key) Format(s fmt.State, _ rune) { io.WriteString(s, mask) }

// String masks the key.
func (Key) String() string { return mask }

// GoString masks the key.
func (Key) GoString() string { return mask }

// LogValue masks the key.
func (Key) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalText masks the key, also in JSON and XML.
func (Key) MarshalText() ([]byte, error) { return []byte(mask), nil }
