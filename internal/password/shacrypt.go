package password

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"hash"
	"regexp"
	"strconv"
	"strings"

	"muster/internal/issue"
)

// cryptKind is one of the two hashes of Ulrich Drepper's specification "Unix
// crypt using SHA-256 and SHA-512", whose steps the functions below name.
type cryptKind struct {
	name   string
	prefix string
	new    func() hash.Hash
	order  []int // which octets of the digest follow each other in the encoded text
}

var (
	sha256Crypt = cryptKind{"SHA256-CRYPT", "$5$", sha256.New, order(32)}
	sha512Crypt = cryptKind{"SHA512-CRYPT", "$6$", sha512.New, order(64)}
)

// order is step 22: three octets a group, a third of the digest apart, turned
// from group to group (SHA-512 the one way, SHA-256 the other), and then what
// does not fill a group.
func order(size int) []int {
	third := size / 3
	a, b, c := 0, third, 2*third
	var order []int
	for range third {
		order = append(order, a, b, c)
		if size == sha512.Size {
			a, b, c = b+1, c+1, a+1
		} else {
			a, b, c = c+1, a+1, b+1
		}
	}
	for last := size - 1; last >= 3*third; last-- {
		order = append(order, last)
	}
	return order
}

const defaultRounds = 5000

type cryptHash struct {
	cryptKind
	settings string // what stands between the prefix and the digest: rounds=…$salt$
	salt     string
	rounds   int
	sum      string
}

// The salt is what the specification allows and Dovecot can store; longer ones
// it cuts itself before it writes them.
var cryptForm = regexp.MustCompile(`^\$([56])\$((?:rounds=([1-9]\d{0,9})\$)?([!-#%-9;-~]{0,16})\$)([./0-9A-Za-z]+)$`)

func readCrypt(kind cryptKind) func(string) (hashed, error) {
	length := (kind.new().Size()*8 + 5) / 6
	return func(body string) (hashed, error) {
		m := cryptForm.FindStringSubmatch(body)
		if m == nil || !strings.HasPrefix(body, kind.prefix) || len(m[5]) != length {
			return nil, broken("is not written as " + kind.prefix + "salt$ and " + strconv.Itoa(length) + " characters")
		}
		rounds := defaultRounds
		if m[3] != "" {
			rounds = number(m[3])
		}
		if rounds < leastRounds || rounds > mostRounds {
			return nil, roundsOutside(rounds)
		}
		return cryptHash{kind, m[2], m[4], rounds, m[5]}, nil
	}
}

func roundsOutside(rounds int) issue.Issue {
	return hashBounds.New("The hash has %d rounds; %d to %d are allowed.", rounds, leastRounds, mostRounds)
}

func (c cryptHash) scheme() string { return c.name }

func (c cryptHash) body() string { return c.prefix + c.settings + c.sum }

func (c cryptHash) matches(pw string) bool {
	return subtle.ConstantTimeCompare([]byte(c.encode(c.digest([]byte(pw)))), []byte(c.sum)) == 1
}

func (c cryptHash) digest(pw []byte) []byte {
	salt := []byte(c.salt)
	sum := c.first(pw, salt)
	p := fill(c.sumOf(bytes.Repeat(pw, len(pw))), len(pw))            // steps 13 to 16
	s := fill(c.sumOf(bytes.Repeat(salt, 16+int(sum[0]))), len(salt)) // steps 17 to 20
	h := c.new()
	for round := range c.rounds { // step 21
		h.Reset()
		h.Write(choose(round%2 == 1, p, sum))
		h.Write(choose(round%3 != 0, s, nil))
		h.Write(choose(round%7 != 0, p, nil))
		h.Write(choose(round%2 == 1, sum, p))
		sum = h.Sum(sum[:0])
	}
	return sum
}

// first is steps 1 to 12: digest A.
func (c cryptHash) first(pw, salt []byte) []byte {
	b := c.sumOf(pw, salt, pw)
	a := [][]byte{pw, salt, fill(b, len(pw))}
	for n := len(pw); n > 0; n >>= 1 {
		a = append(a, choose(n&1 == 1, b, pw))
	}
	return c.sumOf(a...)
}

func (c cryptHash) sumOf(parts ...[]byte) []byte {
	h := c.new()
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

func choose(first bool, a, b []byte) []byte {
	if first {
		return a
	}
	return b
}

// fill repeats a digest until it has the length.
func fill(digest []byte, length int) []byte {
	return bytes.Repeat(digest, length/len(digest)+1)[:length]
}

const cryptAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// encode writes a digest six bits at a time, the low ones of each group of
// three octets first (step 22).
func (c cryptHash) encode(digest []byte) string {
	var b strings.Builder
	for group := c.order; len(group) > 0; group = group[min(3, len(group)):] {
		var w uint32
		size := min(3, len(group))
		for _, i := range group[:size] {
			w = w<<8 | uint32(digest[i])
		}
		for range (size*8 + 5) / 6 {
			b.WriteByte(cryptAlphabet[w&63])
			w >>= 6
		}
	}
	return b.String()
}
