package password

import (
	"crypto/rand"
	"encoding/binary"
	"math/bits"
	"strings"
)

// alphabet leaves out what is easily taken for something else: 0 O o, 1 I i l,
// 5 S, 8 B, 2 Z beside their look-alikes. 20 of its 52 characters have
// 114 bits.
const alphabet = "ACDEFGHJKLMNPQRTUVWXYabcdefghjkmnpqrstuvwxyz23456789"

const (
	groupLength = 5
	leastGroups = 4
	// mostDraws bounds the search for a password within the policy; one draw
	// in thirty fails at most, by having no digit.
	mostDraws = 100
)

// Generate makes a password of at least 112 bits within the policy, also that
// for application mailboxes: four or more groups of five characters joined by
// hyphens. The error is an issue.Issue of code password-not-generated, where
// the policy leaves no room for one.
func Generate(p Policy) (string, error) {
	return GenerateFor(p, Subject{Application: true})
}

// GenerateFor makes a password as Generate does, for a user: it does not
// contain a part of their names either.
func GenerateFor(p Policy, s Subject) (string, error) {
	groups := max(leastGroups, (p.least(s)+1+groupLength)/(groupLength+1))
	for range mostDraws {
		if pw := draw(groups); len(p.Check(pw, s, nil)) == 0 {
			return pw, nil
		}
	}
	return "", notGenerated.New("No generated password fits the policy: at most %d characters, %d of the four kinds of characters.", p.MaxLength, p.Classes)
}

func draw(groups int) string {
	random := make([]byte, 8*groups*groupLength)
	rand.Read(random) // never fails: it ends the program instead
	var b strings.Builder
	for i := range groups * groupLength {
		if i > 0 && i%groupLength == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(character(binary.LittleEndian.Uint64(random[8*i:])))
	}
	return b.String()
}

// character maps 64 random bits to the alphabet by multiplying, so that
// nothing need be drawn again: each character has the same share of the
// numbers but for one in 2^58.
func character(random uint64) byte {
	i, _ := bits.Mul64(random, uint64(len(alphabet)))
	return alphabet[i]
}
