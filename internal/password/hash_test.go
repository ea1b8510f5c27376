package password

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/internal/issue"
)

var cheap = Params{MemoryKiB: 8, Time: 1, Threads: 1}

const (
	long     = "a very much longer text to encrypt.  This one even stretches over morethan one line."
	digest86 = "svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
	hex512   = "0537955e9725a72dd0818330f92a7d25778173bfa48809a1506cb13bf9008c74a4d3c16cb0d1b51b1b2609afb0fb23552f9757e608f51581b0cb13550156d46673616c74"
	ssha512  = "{SSHA512}BTeVXpclpy3QgYMw+Sp9JXeBc7+kiAmhUGyxO/kAjHSk08FssNG1GxsmCa+w+yNVL5dX5gj1FYGwyxNVAVbUZnNhbHQ="
)

// The $5$ and $6$ hashes of "Hello world!" and the others up to "a short
// string" are the test vectors of the specification; the rest was made with
// openssl passwd and crypt(3).
func TestVerifyWhatOthersMade(t *testing.T) {
	for _, c := range []struct{ pw, given, stored string }{
		{"Hello world!", "$6$saltstring$" + digest86, "{SHA512-CRYPT}$6$saltstring$" + digest86},
		{"Hello world!", "{CRYPT}$6$saltstring$" + digest86, "{SHA512-CRYPT}$6$saltstring$" + digest86},
		{"Hello world!", "{sha512-crypt}$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.", ""},
		{"This is just a test", "{SHA512-CRYPT}$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0", ""},
		{long, "{SHA512-CRYPT}$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1", ""},
		{"we have a short salt string but not a short password", "{SHA512-CRYPT}$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0", ""},
		{"a short string", "{SHA512-CRYPT}$6$rounds=123456$asaltof16chars..$BtCwjqMJGx5hrJhZywWvt0RLE8uZ4oPwcelCjmw2kSYu.Ec6ycULevoBK25fs2xXgMNrCzIMVcgEJAstJeonj1", ""},
		{"", "{SHA512-CRYPT}$6$a$Z6IPkDduHdwavesVY2NFMpOHkigshxPYdhfLg0D3A7/XFQcso9RV2E8qczyJ2su.dj6RRLaTpvgwN1rZfK0I9.", ""},
		{"Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "{SHA256-CRYPT}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
		{"Hello world!", "{SHA256-CRYPT}$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA", ""},
		{long, "{SHA256-CRYPT}$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1", ""},
		{"a short string", "{SHA256-CRYPT}$5$rounds=123456$asaltof16chars..$gP3VQ/6X7UUEW3HkBn2w1/Ptq2jxPyzV/cZKmF/wJvD", ""},
		{strings.Repeat("x", 200), "{SHA256-CRYPT}$5$ab.$OLMpjkB9PHuYcOCgaYvbLy.1iENjNKO0MpAJwubMZN1", ""},
		{"Winter-Garden-31", "$2b$04$abcdefghijklmnopqrstuuqUWIRo1CppRxAQmH912yYZGN/xLsLXa", "{BLF-CRYPT}$2b$04$abcdefghijklmnopqrstuuqUWIRo1CppRxAQmH912yYZGN/xLsLXa"},
		{"Zoë", "{Blf-Crypt}$2a$05$abcdefghijklmnopqrstuuMy1HhY.TG35eYvV8pibdF2spn2TP7gK", ""},
		{strings.Repeat("x", 100), "{BLF-CRYPT}$2y$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i", ""},
		{"Winter-Garden-31", ssha512, ssha512},
		{"Winter-Garden-31", "{ssha512.hex}" + hex512, ssha512},
		{"Winter-Garden-31", strings.Replace(ssha512, "}", ".b64}", 1), ssha512},
		{"Winter-Garden-31", "{SSHA256}/G0a7Q4A71QQuA0Tx8xGizMNca0x197CKoSyD++GwDFzYWx0", ""},
		{"Winter-Garden-31", "{SSHA}fd9dvz7zk+1/TDzKjK+oTh7lqKVzYWx0", ""},
		{"Winter-Garden-31", "{PBKDF2}$1$saltsaltsaltsalt$5000$b6284826597ed286fdde5b3219cbcd0d4797a8d1", ""},
	} {
		stored, err := ParseHash(c.given)
		if err != nil || c.stored != "" && stored != c.stored {
			t.Errorf("ParseHash(%s) = %s, %v", c.given, stored, err)
			continue
		}
		if ok, renew, err := Verify(stored, c.pw); !ok || !renew || err != nil {
			t.Errorf("Verify(%s): %v, renew %v, %v", stored, ok, renew, err)
		}
		if ok, renew, err := Verify(stored, "x"+c.pw[:len(c.pw)/2]); ok || renew || err != nil {
			t.Errorf("Verify(%s) of another password: %v, renew %v, %v", stored, ok, renew, err)
		}
	}
}

// argon2's reference implementation made these: the test vectors of its
// src/test.c for version 19 with 64 KiB and 256 KiB.
func TestVerifyArgon2(t *testing.T) {
	for _, hash := range []string{
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
		"$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
	} {
		stored, err := ParseHash(hash)
		if err != nil {
			t.Error(err)
			continue
		}
		if ok, renew, err := Verify(stored, "password"); !ok || !renew || err != nil {
			t.Errorf("Verify(%s): %v, renew %v, %v", stored, ok, renew, err)
		}
		if ok, _, _ := Verify(stored, "Password"); ok {
			t.Errorf("%s belongs to another password", stored)
		}
	}
}

func TestParseHashRefuses(t *testing.T) {
	argon := func(params string) string {
		return "$argon2id$v=19$" + params + "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	}
	bcrypt53 := "abcdefghijklmnopqrstuuqUWIRo1CppRxAQmH912yYZGN/xLsLXa"
	for _, c := range []struct{ hash, code string }{
		{"", "unknown"}, {"Winter-Garden-31", "unknown"}, {"{PLAIN}Winter-Garden-31", "unknown"}, {"{}", "unknown"},
		{"{MD5-CRYPT}$1$salt$x", "unknown"}, {"$1$salt$x", "unknown"}, {"{CRYPT}ab1234567890.", "unknown"}, {"{SHA512}abc", "unknown"},
		{"$2x$04$" + bcrypt53, "unknown"}, {"{nosuch}Winter", "unknown"},

		{argon("m=262145,t=1,p=1"), "bounds"}, {argon("m=64,t=11,p=1"), "bounds"}, {argon("m=128,t=1,p=9"), "bounds"},
		{argon("m=15,t=1,p=2"), "bounds"}, {argon("m=9999999999,t=1,p=1"), "bounds"},
		{"$2b$15$" + bcrypt53, "bounds"}, {"$2b$03$" + bcrypt53, "bounds"}, {"$2b$99$" + bcrypt53, "bounds"},
		{"$6$rounds=1000001$salt$" + digest86, "bounds"}, {"$6$rounds=999$salt$" + digest86, "bounds"},
		{"$5$rounds=1000001$salt$" + digest86[:43], "bounds"},
		{"{PBKDF2}$1$saltsalt$1000001$b6284826597ed286fdde5b3219cbcd0d4797a8d1", "bounds"},

		{argon("m=64,t=1"), "broken"}, {argon("t=1,m=64,p=1"), "broken"}, {argon("m=064,t=1,p=1"), "broken"}, {argon("m=64,t=0,p=1"), "broken"},
		{strings.Replace(argon("m=64,t=1,p=1"), "v=19", "v=16", 1), "broken"},
		{"{ARGON2I}" + argon("m=64,t=1,p=1"), "broken"},
		{strings.Replace(argon("m=64,t=1,p=1"), "c29tZXNhbHQ", "c29tZQ", 1), "broken"},
		{strings.Replace(argon("m=64,t=1,p=1"), "c29tZXNhbHQ", "c29tZXNhbHR", 1), "broken"},
		{"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$c29tZXNhbHQ", "broken"},
		{"$2b$04$" + bcrypt53[1:], "broken"}, {"$2b$04$" + bcrypt53 + "a", "broken"}, {"$2b$4$" + bcrypt53, "broken"}, {"$2b$04$!" + bcrypt53[1:], "broken"},
		{"$6$salt$" + digest86[1:], "broken"}, {"$6$" + digest86, "broken"}, {"$6$saltsaltsaltsaltx$" + digest86, "broken"},
		{"$6$rounds=05000$salt$" + digest86, "broken"}, {"$6$sa:t$" + digest86, "broken"}, {"$5$salt$" + digest86, "broken"},
		{"{SHA256-CRYPT}$6$salt$" + digest86[:43], "broken"}, {"{SHA512-CRYPT}$6$salt$" + digest86 + "\n", "broken"},
		{"{SSHA512", "broken"}, {"{SSHA512}", "broken"}, {"{SSHA512}####", "broken"}, {"{SSHA}fd9dvz7zk+1/TDzKjK+oTh7lqKU=", "broken"},
		{"{SSHA512.HEX}" + hex512[2:], "broken"}, {"{SSHA512.HEX}" + hex512 + strings.Repeat("00", 61), "broken"},
		{"{SSHA512}" + strings.Repeat("A", 600), "broken"}, {"{PBKDF2}$1$salt$5000$b6", "broken"},
	} {
		stored, err := ParseHash(c.hash)
		var i issue.Issue
		if stored != "" || !errors.As(err, &i) || i.Code != "password-hash-"+c.code {
			t.Errorf("ParseHash(%q) = %q, %v; want password-hash-%s", c.hash, stored, err, c.code)
		}
		if strings.Contains(i.Message, "Winter") || strings.Contains(i.Message, "salt$abc") || strings.Contains(i.Message, digest86[:20]) {
			t.Errorf("the message quotes the hash: %s", i.Message)
		}
		if ok, _, err := Verify(c.hash, "Winter-Garden-31"); ok || err == nil {
			t.Errorf("Verify(%q) = %v, %v", c.hash, ok, err)
		}
	}
}

func TestBoundsThemselvesAreWithin(t *testing.T) {
	for _, hash := range []string{
		"$argon2id$v=19$m=262144,t=10,p=8$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$2b$14$abcdefghijklmnopqrstuuqUWIRo1CppRxAQmH912yYZGN/xLsLXa",
		"$6$rounds=1000000$salt$" + digest86, "$6$rounds=1000$salt$" + digest86,
	} {
		if _, err := ParseHash(hash); err != nil {
			t.Errorf("%s: %v", hash, err)
		}
	}
}

func TestHashAndVerify(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pw := rapid.String().Draw(t, "password")
		other := rapid.String().Filter(func(s string) bool { return s != pw }).Draw(t, "other")
		for _, hash := range []string{Hash(pw, cheap), HashGenerated(pw)} {
			if ok, renew, err := Verify(hash, pw); !ok || !renew || err != nil {
				t.Fatalf("%s: %v, %v, %v", hash, ok, renew, err)
			}
			if ok, _, err := Verify(hash, other); ok || err != nil {
				t.Fatalf("%s belongs to another password: %v", hash, err)
			}
			if stored, err := ParseHash(hash); err != nil || stored != hash {
				t.Fatalf("%s read as %s, %v", hash, stored, err)
			}
		}
	})
}

func TestSaltsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 10 {
		seen[Hash("a", cheap)], seen[HashGenerated("a")] = true, true
	}
	if len(seen) != 20 {
		t.Errorf("%d hashes of 20", len(seen))
	}
}

func TestRenew(t *testing.T) {
	p := DefaultParams()
	hash := Hash("Winter-Garden-31", p)
	if !strings.HasPrefix(hash, "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("stored as %s", hash)
	}
	if ok, renew, err := Verify(hash, "Winter-Garden-31"); !ok || renew || err != nil {
		t.Errorf("%v, renew %v, %v", ok, renew, err)
	}
	for want, p := range map[bool][]Params{
		false: {p, {p.MemoryKiB - 1, p.Time, 1}, {p.MemoryKiB, p.Time - 1, 4}},
		true:  {{p.MemoryKiB + 1, p.Time, 1}, {p.MemoryKiB, p.Time + 1, 1}},
	} {
		for _, p := range p {
			if p.Outdated(hash) != want {
				t.Errorf("outdated by %+v: %v", p, !want)
			}
		}
	}
	if !p.Outdated("nonsense") {
		t.Error("nonsense is up to date")
	}
}

func TestVerifyPassesOverEndlessPasswords(t *testing.T) {
	pw := strings.Repeat("x", 1024)
	hash := HashGenerated(pw)
	if ok, _, _ := Verify(hash, pw); !ok {
		t.Error("1024 octets do not match")
	}
	pw += "x"
	if ok, _, err := Verify(HashGenerated(pw), pw); ok || err != nil {
		t.Errorf("1025 octets: %v, %v", ok, err)
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add("$6$saltstring$" + digest86)
	f.Fuzz(func(t *testing.T, s string) {
		stored, err := ParseHash(s)
		if err != nil {
			var i issue.Issue
			if !errors.As(err, &i) || !strings.HasPrefix(i.Code, "password-hash-") {
				t.Fatalf("error without code: %v", err)
			}
			return
		}
		if again, err := ParseHash(stored); err != nil || again != stored {
			t.Fatalf("%q read again as %q, %v", stored, again, err)
		}
	})
}

func BenchmarkHash(b *testing.B) {
	for b.Loop() {
		Hash("Winter-Garden-31", DefaultParams())
	}
}

func BenchmarkHashGenerated(b *testing.B) {
	for b.Loop() {
		HashGenerated("Winter-Garden-31")
	}
}
