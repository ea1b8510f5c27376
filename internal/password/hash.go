package password

import (
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"strings"

	"muster/internal/issue"
)

// Params are what an argon2id hash costs. Time and Threads are at least 1.
type Params struct {
	MemoryKiB uint32
	Time      uint32 // passes over the memory
	Threads   uint8  // lanes
}

// DefaultParams are those that OWASP recommends: 19 MiB, two passes, one lane;
// about 21 ms.
func DefaultParams() Params { return Params{MemoryKiB: 19 * 1024, Time: 2, Threads: 1} }

const (
	saltLength = 16
	hashLength = 32
)

// Hash makes the stored form of a password that a person chose.
func Hash(pw string, p Params) string {
	a := argon2Hash{"argon2id", p, salt(), nil}
	a.sum = a.digest(pw, hashLength)
	return "{ARGON2ID}" + a.body()
}

// HashGenerated makes the stored form of a password of Generate: a random
// secret of that strength needs no slow hash (NIST SP 800-63B on look-up
// secrets).
func HashGenerated(pw string) string {
	salt := salt()
	sum := sha512.Sum512(append([]byte(pw), salt...))
	return "{SSHA512}" + base64.StdEncoding.EncodeToString(append(sum[:], salt...))
}

func salt() []byte {
	salt := make([]byte, saltLength)
	rand.Read(salt) // never fails: it ends the program instead
	return salt
}

// longestPassword is more than any policy allows, in octets. The work for a
// longer one would grow with its square: anybody could keep the server busy.
const longestPassword = 1024

// Verify reports whether pw belongs to a hash in stored form, and then whether
// the hash should be made anew, because it is of an older kind than argon2id
// or weaker than DefaultParams. The error is an issue.Issue of one of the
// codes of ParseHash. A password over 1024 octets belongs to no hash.
func Verify(hash, pw string) (ok, renew bool, err error) {
	h, err := parse(hash)
	if err != nil || len(pw) > longestPassword || !h.matches(pw) {
		return false, false, err
	}
	return true, outdated(h, DefaultParams()), nil
}

// Outdated reports whether a hash in stored form is of an older kind than
// argon2id or weaker than p.
func (p Params) Outdated(hash string) bool {
	h, err := parse(hash)
	return err != nil || outdated(h, p)
}

func outdated(h hashed, p Params) bool {
	a, ok := h.(argon2Hash)
	return !ok || a.variant != "argon2id" || a.params.MemoryKiB < p.MemoryKiB || a.params.Time < p.Time
}

// ParseHash reads a hash made elsewhere and returns its stored form,
// {SCHEME} and what Dovecot puts behind it. Taken are the schemes ARGON2ID,
// ARGON2I, BLF-CRYPT, SHA512-CRYPT, SHA256-CRYPT, SSHA512, SSHA256, SSHA and
// PBKDF2 in any case, with {CRYPT} or without a scheme those that say
// themselves what they are ($argon2id$, $2a$, $2b$, $2y$, $6$, $5$), and for
// the salted digests Dovecot's suffixes .HEX and .B64. The error is an
// issue.Issue of code password-hash-unknown, password-hash-bounds or
// password-hash-broken.
func ParseHash(s string) (string, error) {
	h, err := parse(s)
	if err != nil {
		return "", err
	}
	return "{" + h.scheme() + "}" + h.body(), nil
}

// hashed is a hash of one of the schemes, taken apart and within bounds.
type hashed interface {
	scheme() string
	body() string // without the scheme
	matches(pw string) bool
}

// longestHash is more than any accepted scheme needs, in octets.
const longestHash = 512

func parse(s string) (hashed, error) {
	scheme, body := "", s
	if rest, found := strings.CutPrefix(s, "{"); found {
		scheme, body, _ = strings.Cut(rest, "}")
	}
	scheme = strings.ToUpper(scheme)
	if scheme == "" || scheme == "CRYPT" {
		scheme = schemeOf(body)
	}
	read, known := schemes[scheme]
	switch {
	case !known:
		return nil, unknown(scheme)
	case len(s) > longestHash:
		return nil, broken("is longer than any hash of its kind")
	}
	return read(body)
}

func unknown(scheme string) issue.Issue {
	if why, named := refused[scheme]; named {
		return hashUnknown.New("Hashes of the scheme %s are not accepted, because %s.", scheme, why)
	}
	return hashUnknown.New("The hash is of no scheme that Muster knows.")
}

func broken(how string) issue.Issue { return hashBroken.New("The hash %s.", how) }

// decode reads base64 of the strict alphabet, with or without padding.
func decode(s string) ([]byte, error) {
	return base64.RawStdEncoding.Strict().DecodeString(strings.TrimRight(s, "="))
}
