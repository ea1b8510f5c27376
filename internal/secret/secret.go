// Package secret holds the key that seals what must be read back, such as a
// generated password until its user has signed in, and Text, which keeps a
// password in memory from being printed.
//
// The key is 32 random bytes in a file of its own, never in the database. It
// is not used itself: each purpose has a subkey made from it with HKDF, so
// that what one purpose shows says nothing of another. A key that takes the place of
// another has a second 32 bytes in its file, for MACs: those stay what they were, so that
// a file that came before the change is known again. Sealing is XChaCha20-
// Poly1305; its random nonces of 24 bytes may be drawn without count. The
// context under which something was sealed (whose it is, what it is) must be
// given again to open it, so that a sealed value moved to another row does
// not open there.
//
// Neither type prints itself, whatever the verb, in slog, JSON or XML.
package secret

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	keySize = 32
	// version leads everything sealed, so that another cipher can follow.
	version = 1
)

// Key seals, opens and makes MACs. It is safe for use by several goroutines.
type Key struct {
	// subkey makes the key of a purpose. It is a function because package fmt
	// shows the bytes of any other field where it cannot call Format.
	subkey func(purpose string) []byte
	macs   func(purpose string) []byte // the same, for MACs
	file   func() string               // what stands in the file of the key
}

// newKey makes a Key from its roots: one, or a second one for MACs.
func newKey(roots ...[]byte) *Key {
	return &Key{expand(roots[0]), expand(roots[len(roots)-1]), func() string {
		text := ""
		for _, root := range roots {
			text += base64.StdEncoding.EncodeToString(root) + "\n"
		}
		return text
	}}
}

// expand returns what makes subkeys of a root. That is uniformly random, so the
// expanding half of HKDF is enough (RFC 5869 section 3.3).
func expand(root []byte) func(purpose string) []byte {
	return func(purpose string) []byte {
		subkey, err := hkdf.Expand(sha256.New, root, "muster "+purpose, keySize)
		if err != nil {
			panic(err) // only for a length that HKDF does not have
		}
		return subkey
	}
}

func (k *Key) cipher() cipher.AEAD {
	aead, err := chacha20poly1305.NewX(k.subkey("seal"))
	if err != nil {
		panic(err) // only for a subkey of another length
	}
	return aead
}

// Fingerprint tells keys apart without revealing anything of them: 32
// hexadecimal digits that the database keeps.
func (k *Key) Fingerprint() string {
	return hex.EncodeToString(k.subkey("fingerprint")[:16])
}

// Seal encrypts plain for a context; 41 bytes are added.
func (k *Key) Seal(plain []byte, context string) []byte {
	head := make([]byte, 1+chacha20poly1305.NonceSizeX, 1+chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	head[0] = version
	nonce := head[1:]
	rand.Read(nonce) // never fails: it ends the program instead
	return k.cipher().Seal(head, nonce, plain, associated(context))
}

var (
	errVersion = errors.New("the sealed value was made by another version of Muster, or is damaged")
	errOpen    = errors.New("the sealed value does not open: it was sealed with another key or for another place, or is damaged")
)

// Open decrypts what Seal made for the same context. It fails where the key or
// the context is another one or a bit has changed.
func (k *Key) Open(sealed []byte, context string) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != version {
		return nil, errVersion
	}
	if len(sealed) < 1+chacha20poly1305.NonceSizeX {
		return nil, errOpen
	}
	nonce, text := sealed[1:1+chacha20poly1305.NonceSizeX], sealed[1+chacha20poly1305.NonceSizeX:]
	plain, err := k.cipher().Open(nil, nonce, text, associated(context))
	if err != nil {
		return nil, errOpen
	}
	return plain, nil
}

// associated authenticates the version with the context.
func associated(context string) []byte {
	return append([]byte{version}, context...)
}

// NewMAC returns an HMAC-SHA-256 under the subkey of a purpose, such as the
// fingerprints of files.
func (k *Key) NewMAC(purpose string) hash.Hash {
	return hmac.New(sha256.New, k.macs("mac "+purpose))
}
