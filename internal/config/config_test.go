package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// load loads a file in a folder of its own, with further variables.
func load(t *testing.T, file string, env ...string) (*Config, []Problem) {
	t.Helper()
	t.Chdir(t.TempDir())
	if file != "" {
		if err := os.WriteFile(DefaultFile, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, problems, err := Load(env)
	if err != nil {
		t.Fatal(err)
	}
	return c, problems
}

func TestWhatIsInForce(t *testing.T) {
	for _, c := range []struct{ name, file, env, setting, want, from string }{
		{"default", "", "", "plan_days", "7", "default"},
		{"file", "# days\nplan_days = 3\n", "", "plan_days", "3", "muster.toml:2"},
		{"environment", "", "MUSTER_PLAN_DAYS=4", "plan_days", "4", "MUSTER_PLAN_DAYS"},
		{"environment outranks file", "plan_days = 3", "MUSTER_PLAN_DAYS=4", "plan_days", "4", "MUSTER_PLAN_DAYS"},
		{"blank variable", "plan_days = 3", "MUSTER_PLAN_DAYS=", "plan_days", "3", "muster.toml:1"},
		{"table", "[limits]\n\nrows = 10", "", "limits.rows", "10", "muster.toml:3"},
		{"dotted key", "limits.rows = 10", "", "limits.rows", "10", "muster.toml:1"},
		{"quoted table", "[formats.\"nhsmail\"]\nlimit = 5", "", "formats.nhsmail.limit", "5", "muster.toml:2"},
		{"format", "", "MUSTER_FORMATS_MIMECAST_CONNECT_LIMIT=9", "formats.mimecast-connect.limit", "9", "MUSTER_FORMATS_MIMECAST_CONNECT_LIMIT"},
		{"text", `database = "sqlite:a b.db"`, "", "database", "sqlite:a b.db", "muster.toml:1"},
		{"value with =", "", "MUSTER_DATABASE=sqlite:a=b.db", "database", "sqlite:a=b.db", "MUSTER_DATABASE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			loaded, problems := load(t, c.file, c.env)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if got := loaded.Text(c.setting); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			for _, v := range loaded.Values() {
				if v.Name == c.setting && v.From != c.from {
					t.Errorf("from %q, want %q", v.From, c.from)
				}
			}
		})
	}
}

func TestProblemsAreNamedWithTheirPlace(t *testing.T) {
	for _, c := range []struct{ name, file, env, want string }{
		{"unknown key", "\nbatsch = 3", "", "muster.toml:2: there is no setting batsch; did you mean batch?"},
		{"unknown table", "[limit]\nrows = 3", "", "muster.toml:2: there is no setting limit.rows; did you mean limits.rows?"},
		{"far from all", "colour = \"red\"", "", "muster.toml:1: there is no setting colour"},
		{"not a number", "\n\nbatch = \"many\"", "", `muster.toml:3: batch is a number from 1 to 10000, not "many"`},
		{"too small", "batch = 0", "", `muster.toml:1: batch is a number from 1 to 10000, not "0"`},
		{"too large", "", "MUSTER_BATCH=10001", `MUSTER_BATCH: batch is a number from 1 to 10000, not "10001"`},
		{"a database of another kind", "", "MUSTER_DATABASE=mysql://anna:hunter2@host", "MUSTER_DATABASE: database begins with sqlite:, or postgres://, or postgresql://, and names a place behind it"},
		{"a database of no name", "", "MUSTER_DATABASE=sqlite:", "MUSTER_DATABASE: database begins with sqlite:"},
		{"no URL", "", "MUSTER_PUBLIC_URL=muster.example.org", "MUSTER_PUBLIC_URL: public_url begins with https://, or http://"},
		{"no network", "trusted_proxies = \"10.0.0.7, 10.0.0.0/33\"", "", "muster.toml:1: trusted_proxies has \"10.0.0.0/33\", which is neither an address"},
		{"no choice", "", "MUSTER_PROXY_HEADER=X-Real-IP", `MUSTER_PROXY_HEADER: proxy_header is X-Forwarded-For or Forwarded, not "X-Real-IP"`},
		{"a list", "batch = [1]", "", "muster.toml:1: batch is a text or a whole number"},
		{"a fraction", "batch = 1.5", "", "muster.toml:1: batch is a text or a whole number"},
		{"syntax", "batch = 3\nplan_days =\n", "", "muster.toml:2: "},
		{"twice", "batch = 3\nbatch = 4\n", "", "muster.toml:2: "},
		{"strange variable", "", "MUSTER_DATABSE=x", "MUSTER_DATABSE: there is no setting of this name; did you mean MUSTER_DATABASE?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, problems := load(t, c.file, c.env)
			if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), c.want) {
				t.Errorf("%v\nwant %s", problems, c.want)
			}
		})
	}
}

func TestAllProblemsAreTold(t *testing.T) {
	_, problems := load(t, "a = 1\nbatch = 0\n[hashing]\ntime = 99\n", "MUSTER_PLAN_DAYS=x")
	if len(problems) != 4 {
		t.Errorf("%v", problems)
	}
}

func TestVariablesOfOthersAreOnlyWorthAWarning(t *testing.T) {
	_, problems := load(t, "", "MUSTER_SOMETHING=1")
	if len(problems) != 1 || !problems[0].Warning {
		t.Errorf("%v", problems)
	}
}

func TestFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, _, err := Load([]string{"MUSTER_CONFIG=other.toml"}); err == nil {
		t.Error("a file that is named and missing is no error")
	}
	path := filepath.Join(t.TempDir(), "other.toml")
	if err := os.WriteFile(path, []byte("batch = 9"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := Load([]string{"MUSTER_CONFIG=" + path})
	if err != nil || c.Number("batch") != 9 || c.File != path {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestPasswordsOfURLsAreMasked(t *testing.T) {
	for text, want := range map[string]string{
		"sqlite:muster.db":                     "sqlite:muster.db",
		"postgres://anna@host/db":              "postgres://anna@host/db",
		"postgres://anna:hunter2@host:5432/db": "postgres://anna:(secret)@host:5432/db",
		"postgres://h/db?password=hunter2":     "postgres://h/db?(secret)",
		"postgres://anna:hun%zz@host/db":       "(secret)",
	} {
		v := Value{Setting: Setting{Password: true}, Text: text}
		if got := v.Shown(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// The names in the file and in the environment follow from one table.
func TestSettingsAreWellFormed(t *testing.T) {
	variables := map[string]string{}
	for _, s := range Settings() {
		if other := variables[s.Variable()]; other != "" {
			t.Errorf("%s and %s are both %s", s.Name, other, s.Variable())
		}
		variables[s.Variable()] = s.Name
		if p := s.problemOf(s.Default); p != "" {
			t.Errorf("default: %s %s", s.Name, p)
		}
		if !strings.HasSuffix(s.Help, ".") {
			t.Errorf("%s: the help is no sentence: %s", s.Name, s.Help)
		}
		var tree map[string]any
		if _, err := toml.Decode(s.Name+" = 1", &tree); err != nil {
			t.Errorf("%s is no TOML key: %v", s.Name, err)
		}
	}
}

func TestUnknownNamesPanic(t *testing.T) {
	c, _ := load(t, "")
	for _, f := range []func(){func() { c.Text("colour") }, func() { c.Number("database") }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		}()
	}
}

func FuzzParse(f *testing.F) {
	f.Add("batch = 3\n[limits]\nrows = 1\n")
	f.Add("a.\"b c\".d = '''\nx = 1\n'''")
	f.Fuzz(func(t *testing.T, text string) {
		entries, problems := parse("f", text)
		if len(problems) > 0 && len(entries) > 0 {
			t.Error("entries of a file that is no TOML")
		}
		for _, e := range entries {
			if e.line < 0 || e.line > strings.Count(text, "\n")+1 {
				t.Errorf("%s in line %d", e.name, e.line)
			}
		}
	})
}

func TestNetworks(t *testing.T) {
	c, problems := load(t, "", "MUSTER_TRUSTED_PROXIES=10.0.0.7, 2001:db8::1/32,::ffff:192.0.2.1,")
	got := fmt.Sprint(c.Networks("trusted_proxies"))
	if len(problems) > 0 || got != "[10.0.0.7/32 2001:db8::/32 192.0.2.1/32]" {
		t.Errorf("%s, %v", got, problems)
	}
	if c, _ := load(t, "", ""); len(c.Networks("trusted_proxies")) > 0 {
		t.Error("somebody is believed by default")
	}
}
