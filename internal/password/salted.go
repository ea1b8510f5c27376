package password

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"regexp"

	"golang.org/x/crypto/bcrypt"
)

// saltedKind is a digest of the password and a salt behind it, followed by the
// salt: {SSHA512} and its elder sisters.
type saltedKind struct {
	name string
	new  func() hash.Hash
}

type saltedHash struct {
	saltedKind
	sum, salt []byte
}

func readSalted(kind saltedKind, decode func(string) ([]byte, error)) func(string) (hashed, error) {
	size := kind.new().Size()
	return func(body string) (hashed, error) {
		octets, err := decode(body)
		if err != nil || len(octets) < size+4 || len(octets) > size+64 {
			return nil, broken("is not a digest with a salt of 4 to 64 octets behind it")
		}
		return saltedHash{kind, octets[:size], octets[size:]}, nil
	}
}

func decodeHex(s string) ([]byte, error) { return hex.DecodeString(s) }

func (s saltedHash) scheme() string { return s.name }

func (s saltedHash) body() string {
	return base64.StdEncoding.EncodeToString(append(append([]byte(nil), s.sum...), s.salt...))
}

func (s saltedHash) matches(pw string) bool {
	h := s.new()
	h.Write([]byte(pw))
	h.Write(s.salt)
	return subtle.ConstantTimeCompare(h.Sum(nil), s.sum) == 1
}

// bcryptHash is a hash as crypt(3) writes it, of a version without the sign
// bug of 2x.
type bcryptHash string

var bcryptForm = regexp.MustCompile(`^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$`)

const leastCost, mostCost = 4, 14

func readBcrypt(body string) (hashed, error) {
	m := bcryptForm.FindStringSubmatch(body)
	if m == nil {
		return nil, broken("is not written as $2b$cost$ and 53 characters")
	}
	if cost := number(m[1]); cost < leastCost || cost > mostCost {
		return nil, hashBounds.New("The hash has the bcrypt cost %d; %d to %d are allowed.", cost, leastCost, mostCost)
	}
	return bcryptHash(body), nil
}

func (bcryptHash) scheme() string { return "BLF-CRYPT" }
func (b bcryptHash) body() string { return string(b) }
func (b bcryptHash) matches(pw string) bool {
	return bcrypt.CompareHashAndPassword([]byte(b), []byte(pw)) == nil
}

// pbkdf2Hash is Dovecot's own form, with HMAC-SHA-1: $1$salt$rounds$hex.
type pbkdf2Hash struct {
	salt   string
	rounds int
	sum    []byte
}

var pbkdf2Form = regexp.MustCompile(`^\$1\$([!-#%-~]{8,64})\$([1-9]\d{0,9})\$([0-9a-fA-F]{40})$`)

const leastRounds, mostRounds = 1000, 1_000_000

func readPBKDF2(body string) (hashed, error) {
	m := pbkdf2Form.FindStringSubmatch(body)
	if m == nil {
		return nil, broken("is not written as $1$salt$rounds$ and 40 hexadecimal digits")
	}
	rounds := number(m[2])
	if rounds < leastRounds || rounds > mostRounds {
		return nil, roundsOutside(rounds)
	}
	sum, err := hex.DecodeString(m[3])
	return pbkdf2Hash{m[1], rounds, sum}, err
}

func (pbkdf2Hash) scheme() string { return "PBKDF2" }

func (p pbkdf2Hash) body() string { return fmt.Sprintf("$1$%s$%d$%x", p.salt, p.rounds, p.sum) }

func (p pbkdf2Hash) matches(pw string) bool {
	sum, err := pbkdf2.Key(sha1.New, pw, []byte(p.salt), p.rounds, len(p.sum))
	return err == nil && subtle.ConstantTimeCompare(sum, p.sum) == 1
}
