package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"muster/internal/access"
	"muster/internal/config"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/secret"
	"muster/internal/store"
)

var operator = directory.Operator("test")

func silent(done, total int64) {}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const (
	appliedFile = "address,org\nnew@example.org,RX1\n"
	plannedFile = "address,org,password\nlater@example.org,RX1,ruddy-otter-lamp-7\n"
	waitingFile = "address,org\nwaiting@example.org,RX1\n"
)

// sealed is a Muster that has something of each kind that is sealed.
func sealed(t *testing.T) (*config.Config, string) {
	t.Helper()
	c, folder := settings(t, "MUSTER_HASHING_MEMORY_MIB=1")
	a := open(t, c, true)
	ctx := context.Background()
	must(t, a.Directory.AddOrganisation(ctx, operator, directory.Organisation{Code: "RX1", Name: "RX1", Parent: directory.Master}))
	must(t, a.Directory.AddDomain(ctx, operator, directory.Domain{Name: "example.org", Org: "RX1", Validation: "known"}))
	_, _, err := a.Directory.AddUser(ctx, operator, importertest.Record("address", "ann@example.org", "org", "RX1"), directory.Options{})
	must(t, err)
	_, _, err = a.Directory.SetUser(ctx, operator, importertest.Record("address", "ann@example.org", "account", "exchange ann@corp.example",
		"account.user", "ann", "account.password", "elsewhere"))
	must(t, err)
	secondFactor(t, a)
	applied := planned(t, a, appliedFile)
	_, err = a.Importer.Apply(ctx, operator, applied.Number, 0)
	must(t, err)
	planned(t, a, plannedFile)
	_, err = a.Importer.Upload(ctx, operator, "waiting.csv", strings.NewReader(waitingFile), importer.Options{})
	must(t, err)
	must(t, a.Close())
	return c, folder
}

func planned(t *testing.T, a *App, file string) *importer.Import {
	t.Helper()
	imp, err := a.Importer.Upload(context.Background(), operator, "people.csv", strings.NewReader(file), importer.Options{GeneratePasswords: true})
	must(t, err)
	imp, err = a.Importer.Plan(context.Background(), imp.Number)
	must(t, err)
	return imp
}

// secondFactor gives Ann a second factor.
func secondFactor(t *testing.T, a *App) {
	t.Helper()
	ctx := context.Background()
	r := importertest.Record("address", "ann@example.org")
	r.Password = annsPassword
	_, _, err := a.Directory.SetUser(ctx, operator, r)
	must(t, err)
	shown := access.Credentials{Address: "ann@example.org", Password: annsPassword}
	s, err := a.Access.SignIn(ctx, shown)
	must(t, err)
	setup, err := a.Access.BeginSecondFactor(ctx, s, shown)
	must(t, err)
	annsSecret = setup.Secret.Reveal()
	code, err := totp.GenerateCode(annsSecret, time.Now().Add(-30*time.Second))
	must(t, err)
	_, err = a.Access.ConfirmSecondFactor(ctx, s, code)
	must(t, err)
}

const annsPassword = "quartz-lantern-42"

var annsSecret string

// opens checks that all that was sealed opens, and that a file is known again.
func opens(t *testing.T, c *config.Config) {
	t.Helper()
	ctx, a := context.Background(), open(t, c, false)
	u, err := a.Directory.User(ctx, operator, "ann@example.org")
	must(t, err)
	account := u.Accounts[0]
	plain, err := a.Key.Open(account.Passwords[directory.AccountPassword].Sealed, account.Context(u.ID, directory.AccountPassword))
	if err != nil || string(plain) != "elsewhere" {
		t.Errorf("the password of the account: %q, %v", plain, err)
	}
	code, err := totp.GenerateCode(annsSecret, time.Now().Add(30*time.Second))
	must(t, err)
	if _, err = a.Access.SignIn(ctx, access.Credentials{Address: "ann@example.org", Password: annsPassword, Code: code}); err != nil {
		t.Errorf("the second factor: %v", err)
	}
	var results strings.Builder
	must(t, a.Importer.Results(ctx, operator, 1, false, &results))
	if strings.Count(results.String(), "-") < 3 {
		t.Errorf("the generated password is not there: %s", results.String())
	}
	imp, err := a.Importer.Apply(ctx, operator, 2, 0)
	if err != nil || imp.Outcomes[importer.Created] != 1 {
		t.Errorf("the plan: %+v, %v", imp.Outcomes, err)
	}
	imp, err = a.Importer.Plan(ctx, 3)
	if err != nil || imp.Counts[directory.Create] != 1 {
		t.Errorf("the upload: %+v, %v", imp.Counts, err)
	}
	if again := planned(t, a, appliedFile); again.SameAs != 1 {
		t.Errorf("the file that came before is not known again: %d", again.SameAs)
	}
	must(t, a.Close())
}

func TestTheKeyIsChanged(t *testing.T) {
	c, folder := sealed(t)
	a := open(t, c, false)
	before := a.Key.Fingerprint()
	n, err := a.ChangeKey(context.Background(), operator, silent)
	if err != nil || n != 5 {
		t.Fatalf("%d values, %v", n, err)
	}
	must(t, a.Close())
	key, err := secret.Load(filepath.Join(folder, "secret.key"))
	if err != nil || key.Fingerprint() == before {
		t.Errorf("the key is the former one, %v", err)
	}
	if beside, _ := filepath.Glob(filepath.Join(folder, "secret.key.*")); len(beside) > 0 {
		t.Errorf("left beside it: %v", beside)
	}
	opens(t, c)
}

// Wherever a change is cut off, the next process finds the key that fits.
func TestAChangeOfTheKeyIsCutOff(t *testing.T) {
	ctx := context.Background()
	for _, moment := range []string{"before the database takes it", "while it takes it", "before it takes the place of the old one"} {
		t.Run(moment, func(t *testing.T) {
			c, folder := sealed(t)
			a := open(t, c, false)
			next, err := secret.Renew(a.keyFile, a.Key)
			must(t, err)
			seals := 0
			seal := func(sealed []byte, context string) ([]byte, error) {
				if seals++; seals == 3 && moment == "while it takes it" {
					return nil, errors.New("cut off")
				}
				plain, err := a.Key.Open(sealed, context)
				return next.Seal(plain, context), err
			}
			if moment != "before the database takes it" {
				_, err := a.Store.Reseal(ctx, operator, a.Key.Fingerprint(), next.Fingerprint(), seal, silent)
				if (err != nil) != (moment == "while it takes it") {
					t.Fatal(err)
				}
			}
			want := a.Key.Fingerprint()
			if moment == "before it takes the place of the old one" {
				want = next.Fingerprint()
			}
			must(t, a.Close())
			opens(t, c)
			if key, err := secret.Load(filepath.Join(folder, "secret.key")); err != nil || key.Fingerprint() != want {
				t.Errorf("the file has another key, %v", err)
			}
		})
	}
}

// What fails leaves the old key in force and nothing beside it.
func TestAChangeOfTheKeyFails(t *testing.T) {
	c, folder := sealed(t)
	a := open(t, c, false)
	a.Key = open(t, mustSettings(t), true).Key // which opens nothing here
	if _, err := a.ChangeKey(context.Background(), operator, silent); err == nil {
		t.Fatal("all was sealed anew with a key that opens nothing")
	}
	must(t, a.Close())
	if beside, _ := filepath.Glob(filepath.Join(folder, "secret.key.*")); len(beside) > 0 {
		t.Errorf("left beside it: %v", beside)
	}
	opens(t, c)
}

func mustSettings(t *testing.T) *config.Config {
	c, _ := settings(t)
	return c
}

// A process that has the former key writes nothing that nobody could read.
func TestOthersWriteNothingWithTheFormerKey(t *testing.T) {
	c, _ := sealed(t)
	other := open(t, c, false)
	a := open(t, c, false)
	_, err := a.ChangeKey(context.Background(), operator, silent)
	must(t, err)
	_, _, err = other.Directory.SetUser(context.Background(), operator, importertest.Record("address", "ann@example.org", "title", "Dr"))
	if !errors.Is(err, store.ErrKeyChanged) {
		t.Errorf("the other process wrote: %v", err)
	}
	_, _, err = a.Directory.SetUser(context.Background(), operator, importertest.Record("address", "ann@example.org", "title", "Dr"))
	must(t, err)
}

// Of several who change the key at once, one does, and its key is the one that stays.
func TestTheKeyIsChangedBySeveralAtOnce(t *testing.T) {
	c, folder := sealed(t)
	var all sync.WaitGroup
	var changed sync.Map
	for range 4 {
		a := open(t, c, false)
		all.Go(func() {
			_, err := a.ChangeKey(context.Background(), operator, silent)
			if err == nil {
				changed.Store(a.Key.Fingerprint(), true)
			} else if !errors.Is(err, store.ErrKeyChanged) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	key, err := secret.Load(filepath.Join(folder, "secret.key"))
	must(t, err)
	if _, its := changed.Load(key.Fingerprint()); !its {
		t.Error("the key of nobody who succeeded is in its place")
	}
	if files, _ := os.ReadDir(folder); len(files) == 0 {
		t.Error("the folder is not that of the key")
	}
	opens(t, c)
}
