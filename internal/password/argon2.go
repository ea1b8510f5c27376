package password

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"

	"golang.org/x/crypto/argon2"
)

// The most that an argon2 hash may cost at a sign-in.
const (
	mostMemoryKiB = 256 * 1024
	mostTime      = 10
	mostThreads   = 8
)

// argon2Hash is a hash in the PHC string format of argon2's reference
// implementation.
type argon2Hash struct {
	variant string // argon2id or argon2i
	params  Params
	salt    []byte
	sum     []byte
}

var argon2Form = regexp.MustCompile(
	`^\$(argon2id?)\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,9})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$`)

func readArgon2(variant string) func(string) (hashed, error) {
	return func(body string) (hashed, error) {
		m := argon2Form.FindStringSubmatch(body)
		if m == nil || m[1] != variant {
			return nil, broken("is not written as $" + variant + "$v=19$m=…,t=…,p=…$salt$hash")
		}
		memory, time, threads := number(m[2]), number(m[3]), number(m[4])
		if memory > mostMemoryKiB || time > mostTime || threads > mostThreads || memory < 8*threads {
			return nil, hashBounds.New("The hash asks for %d KiB, %d passes and %d lanes; at most %d, %d and %d are allowed, and at least 8 KiB a lane.",
				memory, time, threads, mostMemoryKiB, mostTime, mostThreads)
		}
		salt, errSalt := decode(m[5])
		sum, errSum := decode(m[6])
		if errSalt != nil || errSum != nil || len(salt) < 8 || len(salt) > 64 || len(sum) < 16 || len(sum) > 64 {
			return nil, broken("has a salt or a digest of the wrong length")
		}
		return argon2Hash{variant, Params{uint32(memory), uint32(time), uint8(threads)}, salt, sum}, nil
	}
}

// number reads digits that a regular expression has found and limited.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		panic(err)
	}
	return n
}

func (a argon2Hash) scheme() string {
	if a.variant == "argon2i" {
		return "ARGON2I"
	}
	return "ARGON2ID"
}

func (a argon2Hash) body() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$%s$v=%d$m=%d,t=%d,p=%d$%s$%s", a.variant, argon2.Version,
		a.params.MemoryKiB, a.params.Time, a.params.Threads, encode(a.salt), encode(a.sum))
}

func (a argon2Hash) matches(pw string) bool {
	return subtle.ConstantTimeCompare(a.digest(pw, len(a.sum)), a.sum) == 1
}

func (a argon2Hash) digest(pw string, length int) []byte {
	p := a.params
	if a.variant == "argon2i" {
		return argon2.Key([]byte(pw), a.salt, p.Time, p.MemoryKiB, p.Threads, uint32(length))
	}
	return argon2.IDKey([]byte(pw), a.salt, p.Time, p.MemoryKiB, p.Threads, uint32(length))
}
