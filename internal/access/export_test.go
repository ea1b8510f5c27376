package access

import (
	"strings"
	"sync"
	"testing"
	"time"

	"muster/internal/password"
)

// CountHashes counts the argon2id hashes that signing in makes, until the test ends.
func CountHashes(t *testing.T) *int {
	n, realVerify, realHash := 0, verify, makeHash
	verify = func(hash, plain string) bool {
		if strings.HasPrefix(hash, "{ARGON2ID}") {
			n++
		}
		return realVerify(hash, plain)
	}
	makeHash = func(plain string, p password.Params) string {
		n++
		return realHash(plain, p)
	}
	t.Cleanup(func() { verify, makeHash = realVerify, realHash })
	return &n
}

// CountAtOnce counts how many passwords are compared at the same moment, at most, until the
// test ends. Each takes the time of a slow machine, in which others come.
func CountAtOnce(t *testing.T) func() int {
	real, mutex, now, most := verify, sync.Mutex{}, 0, 0
	add := func(n int) {
		mutex.Lock()
		defer mutex.Unlock()
		now += n
		most = max(most, now)
	}
	verify = func(hash, plain string) bool {
		add(1)
		defer add(-1)
		time.Sleep(5 * time.Millisecond)
		return real(hash, plain)
	}
	t.Cleanup(func() { verify = real })
	return func() int { return most }
}

// WhileComparing runs f when the next password is compared.
func WhileComparing(t *testing.T, f func()) {
	real := verify
	verify = func(hash, plain string) bool {
		verify = real
		f()
		return real(hash, plain)
	}
	t.Cleanup(func() { verify = real })
}
