package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"muster/internal/secret"
)

// secretSize is that of what is given out, in bytes: more than the 128 bits that
// nobody guesses.
const secretSize = 32

// newSecret makes what is shown once, and the digest that is kept of it. The prefix
// lets those who look for secrets in files that became public tell what it is.
func newSecret(prefix string) (plain secret.Text, digest []byte) {
	random := make([]byte, secretSize)
	rand.Read(random) // never fails: it ends the program instead
	text := prefix + base64.RawURLEncoding.EncodeToString(random)
	return secret.Text(text), digestOf(text)
}

func digestOf(plain string) []byte {
	sum := sha256.Sum256([]byte(plain))
	return sum[:]
}
