package password

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"strings"
)

// schemes are the readers of the accepted schemes, by Dovecot's names.
var schemes = map[string]func(body string) (hashed, error){
	"ARGON2ID":     readArgon2("argon2id"),
	"ARGON2I":      readArgon2("argon2i"),
	"BLF-CRYPT":    readBcrypt,
	"SHA512-CRYPT": readCrypt(sha512Crypt),
	"SHA256-CRYPT": readCrypt(sha256Crypt),
	"PBKDF2":       readPBKDF2,
}

func init() {
	for _, kind := range []saltedKind{{"SSHA512", sha512.New}, {"SSHA256", sha256.New}, {"SSHA", sha1.New}} {
		schemes[kind.name] = readSalted(kind, decode)
		schemes[kind.name+".B64"] = readSalted(kind, decode)
		schemes[kind.name+".BASE64"] = readSalted(kind, decode)
		schemes[kind.name+".HEX"] = readSalted(kind, decodeHex)
	}
}

const (
	readable = "the password can be read from them"
	unsalted = "they have no salt"
	weak     = "they are guessed within hours"
)

// refused are schemes of Dovecot that no password should be kept in.
var refused = map[string]string{
	"PLAIN": readable, "CLEAR": readable, "CLEARTEXT": readable, "PLAIN-TRUNC": readable,
	"SHA": unsalted, "SHA1": unsalted, "SHA256": unsalted, "SHA512": unsalted,
	"LM": unsalted, "LANMAN": unsalted, "NTLM": unsalted, "NT": unsalted,
	"PLAIN-MD4": unsalted, "PLAIN-MD5": unsalted, "LDAP-MD5": unsalted, "MD5-DIGEST": unsalted,
	"HMAC-MD5": unsalted, "CRAM-MD5": unsalted, "DIGEST-MD5": unsalted, "RPA": unsalted,
	"DES-CRYPT": weak, "MD5": weak, "MD5-CRYPT": weak, "SMD5": weak, "OTP": weak, "SKEY": weak,
	"CRYPT-DES": weak, "EXT-DES-CRYPT": weak,
}

// schemeOf tells the scheme of a hash that says itself what it is.
func schemeOf(body string) string {
	for prefix, scheme := range map[string]string{
		"$argon2id$": "ARGON2ID", "$argon2i$": "ARGON2I",
		"$2a$": "BLF-CRYPT", "$2b$": "BLF-CRYPT", "$2y$": "BLF-CRYPT",
		"$6$": "SHA512-CRYPT", "$5$": "SHA256-CRYPT",
		"$1$": "MD5-CRYPT",
	} {
		if strings.HasPrefix(body, prefix) {
			return scheme
		}
	}
	return ""
}
