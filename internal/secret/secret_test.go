package secret

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func TestCreateAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "deep", "secret.key")
	made, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	wantMode(t, path, 0o600)
	wantMode(t, filepath.Dir(path), fs.ModeDir|0o700)
	read, err := Load(path)
	if err != nil || read.Fingerprint() != made.Fingerprint() {
		t.Fatalf("read another key: %v", err)
	}
	if plain, err := read.Open(made.Seal([]byte("plain"), "c"), "c"); err != nil || string(plain) != "plain" {
		t.Errorf("%q, %v", plain, err)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	if info, err := os.Stat(path); err != nil || info.Mode() != want {
		t.Errorf("%s: mode %v, %v; want %v", path, info.Mode(), err, want)
	}
}

func TestCreateNeverReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret.key")
	first, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second Create: %v", err)
	}
	if again, err := Load(path); err != nil || again.Fingerprint() != first.Fingerprint() {
		t.Errorf("the key was replaced: %v", err)
	}
}

func TestManyStartAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret.key")
	prints := make([]string, 16)
	var all sync.WaitGroup
	for i := range prints {
		all.Go(func() {
			k, err := Create(path)
			if errors.Is(err, fs.ErrExist) {
				k, err = Load(path)
			}
			if err != nil {
				t.Error(err)
				return
			}
			prints[i] = k.Fingerprint()
		})
	}
	all.Wait()
	for _, p := range prints {
		if p != prints[0] {
			t.Fatalf("two keys: %v", prints)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	key := "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
	for _, c := range []struct {
		name, text string
		mode       fs.FileMode
		want       string
	}{
		{"good", key + "\n", 0o600, ""},
		{"read-only", key, 0o400, ""},
		{"group", key, 0o640, "chmod 600"},
		{"world", key, 0o604, "mode 0604"},
		{"writable", key, 0o620, "chmod 600"},
		{"empty", "", 0o600, "does not hold a secret key"},
		{"short", key[:40], 0o600, "does not hold a secret key"},
		{"other", "this is not it\n", 0o600, "does not hold a secret key"},
		{"long", strings.Repeat("A", 4096), 0o600, "does not hold a secret key"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		wantError(t, path, c.want)
	}
	wantError(t, dir, "not a file")
	if _, err := Load(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

func wantError(t *testing.T, path, want string) {
	t.Helper()
	_, err := Load(path)
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%s: %v; want %q", filepath.Base(path), err, want)
	}
	if err != nil && strings.Contains(err.Error(), "QUJD") {
		t.Errorf("the error shows the key: %v", err)
	}
}

func testKey(b byte) *Key { return newKey(bytes.Repeat([]byte{b}, keySize)) }

func TestOpenGivesBackWhatWasSealed(t *testing.T) {
	k := testKey(1)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		context := rapid.String().Draw(t, "context")
		sealed := k.Seal(plain, context)
		if got, err := k.Open(sealed, context); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%x, %v", got, err)
		}
		if len(sealed) != len(plain)+41 || sealed[0] != 1 {
			t.Fatalf("sealed: %x", sealed)
		}
		if _, err := k.Open(sealed, context+"x"); err == nil {
			t.Fatal("opened for another context")
		}
		if _, err := testKey(2).Open(sealed, context); err == nil {
			t.Fatal("opened with another key")
		}
		sealed[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := k.Open(sealed, context); err == nil {
			t.Fatal("opened although changed")
		}
	})
}

func TestSealNeverRepeats(t *testing.T) {
	k := testKey(1)
	if bytes.Equal(k.Seal([]byte("a"), ""), k.Seal([]byte("a"), "")) {
		t.Error("the same twice")
	}
}

func TestOpenRefusesStumps(t *testing.T) {
	k := testKey(1)
	sealed := k.Seal([]byte("plain"), "c")
	for n := range sealed {
		if _, err := k.Open(sealed[:n], "c"); err == nil {
			t.Errorf("opened the first %d bytes", n)
		}
	}
}

// A change of these would lock everybody out of what they sealed.
func TestSubkeysStayTheSame(t *testing.T) {
	k := testKey(7)
	mac := k.NewMAC("files")
	mac.Write([]byte("content"))
	for got, want := range map[string]string{
		k.Fingerprint():                  "13640d6f9f79fce405ca15400d0e5c7e",
		hex.EncodeToString(mac.Sum(nil)): "7edade03e85c9d60a73cf8a83ec6744fa9d54b9bdb5916f834db14a746649164",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	sealed, _ := hex.DecodeString("012e7c9dab96c4a523491ccb605a82ff75a88db0b237db736cb5a45beef7d0de97142cc2b1301ae825489c6a3364")
	if plain, err := k.Open(sealed, "context"); err != nil || string(plain) != "plain" {
		t.Errorf("%q, %v", plain, err)
	}
}

func TestPurposesDiffer(t *testing.T) {
	k := testKey(1)
	seen := map[string]bool{k.Fingerprint(): true}
	for _, k := range []*Key{k, testKey(2)} {
		for _, purpose := range []string{"a", "b", ""} {
			sum := string(k.NewMAC(purpose).Sum(nil))
			if seen[sum] {
				t.Errorf("purpose %q has the key of another", purpose)
			}
			seen[sum] = true
		}
	}
}

func TestNothingPrintsTheSecret(t *testing.T) {
	k, text := testKey('K'), Text("hunter2")
	hidden := struct{ K, key any }{k, struct{ k *Key }{k}}
	unexported := struct{ key Key }{*k}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%o", "%b", "%t", "%10.3s"} {
		for _, v := range []any{k, *k, text, &text, hidden, unexported, []any{k, text}, map[string]any{"k": k, "t": text}} {
			fmt.Fprintf(&out, verb, v)
		}
		for _, v := range []any{k, *k, text, &text} {
			if got := fmt.Sprintf(verb, v); got != mask {
				t.Errorf("%s of a %T prints %q", verb, v, got)
			}
		}
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("m", "key", k, "value", *k, "text", text, "in", []any{k, text})
	}
	json.NewEncoder(&out).Encode(map[string]any{"k": k, "v": *k, "t": text, "s": hidden})
	xml.NewEncoder(&out).Encode([]any{k, text})
	fmt.Fprint(&out, k, text, k.String(), text.String(), k.GoString(), text.GoString(), k.LogValue(), text.LogValue())
	for _, leak := range []string{"hunter2", "68756e74657232", "104 117", "0x68, 0x75", "KKKK", "4b4b4b", "4B4B4B", "75 75", "0x4b, 0x4b"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("the output shows %q", leak)
		}
	}
}

func TestTextReveals(t *testing.T) {
	var in struct{ Password Text }
	if err := json.Unmarshal([]byte(`{"password":"hunter2"}`), &in); err != nil || in.Password.Reveal() != "hunter2" {
		t.Errorf("%q, %v", in.Password.Reveal(), err)
	}
}

func TestRenew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret.key")
	first, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	old := first
	for range 2 { // a key that was renewed is renewed again
		next, err := Renew(path, old)
		if err != nil {
			t.Fatal(err)
		}
		beside := Beside(path, next.Fingerprint())
		wantMode(t, beside, 0o600)
		if err := Replace(path, next.Fingerprint()); err != nil {
			t.Fatal(err)
		}
		read, err := Load(path)
		if err != nil || read.Fingerprint() != next.Fingerprint() || next.Fingerprint() == old.Fingerprint() {
			t.Fatalf("not replaced: %v", err)
		}
		if _, err := read.Open(old.Seal([]byte("plain"), "c"), "c"); err == nil {
			t.Error("the new key opens what the old one has sealed")
		}
		if plain, err := read.Open(next.Seal([]byte("plain"), "c"), "c"); err != nil || string(plain) != "plain" {
			t.Errorf("%q, %v", plain, err)
		}
		if string(read.NewMAC("file").Sum(nil)) != string(first.NewMAC("file").Sum(nil)) {
			t.Error("the MACs have changed")
		}
		wantMode(t, path, 0o600)
		old = read
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}
