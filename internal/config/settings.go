package config

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"muster/internal/format"
)

// Setting is one thing that the operator of the machine may choose.
type Setting struct {
	Name     string // as in the file, tables divided by dots
	Default  string
	Help     string
	Least    int      // of a number
	Most     int      // of a number; 0: the setting is a text
	Password bool     // the text may hold a password, as a URL does
	Begins   []string // how a text that is not blank begins
	Choices  []string // all that the text may be
	Networks bool     // the text is addresses and networks, divided by commas
}

// settings are those that do not depend on anything else.
var settings = []Setting{
	{Name: "database", Default: "sqlite:muster-data/muster.db", Help: "Where users and imports are kept: sqlite:PATH, or postgres://USER:PASSWORD@HOST:PORT/DATABASE.", Password: true,
		Begins: []string{"sqlite:", "postgres://", "postgresql://"}},
	{Name: "listen", Default: "127.0.0.1:8420", Help: "Address and port at which muster serve answers over HTTP. Port 0: any that is free; the log tells which."},
	{Name: "public_url", Help: "Where people reach the server, such as https://muster.example.org. Blank: nobody but this machine does.", Begins: []string{"https://", "http://"}},
	{Name: "tls_certificate", Help: "File of the certificate with which muster serve speaks TLS, its own first. Read again when it changes. Blank: no TLS, as behind a proxy."},
	{Name: "tls_key", Help: "File of the key of that certificate."},
	{Name: "trusted_proxies", Networks: true, Help: "Addresses and networks of proxies before muster serve, divided by commas; they tell for whom they ask. Blank: nobody is believed."},
	{Name: "proxy_header", Default: "X-Forwarded-For", Choices: []string{"X-Forwarded-For", "Forwarded"}, Help: "The header in which these proxies tell that; all others are passed over."},
	{Name: "metrics_listen", Help: "Address and port at which muster serve and muster work answer /metrics, /healthz and /readyz, without TLS and to everybody who reaches it; each process needs its own. Blank: muster serve answers at listen, /metrics to this machine only."},
	{Name: "connections", Default: "2000", Least: 10, Most: 10_000_000, Help: "Connections to listen that muster serve holds open at once; whoever comes then waits until one ends. One caller gets half of them at most to follow imports."},
	{Name: "secret_key_file", Help: "The key that seals what must be read back. Blank: secret.key beside the database, with PostgreSQL muster-data/secret.key."},
	{Name: "breach_file", Help: "Sorted list of SHA-1 digests of passwords that became public. Blank: none is looked up."},
	{Name: "plan_days", Default: "7", Least: 1, Most: 3650, Help: "A plan that is not applied within so many days lapses."},
	{Name: "batch", Default: "2000", Least: 1, Most: 10_000, Help: "Rows that are applied in one transaction."},
	{Name: "wait", Default: "60", Least: 1, Most: 86_400,
		Help: "Seconds that work waits for a database whose server is gone, or for another program that writes."},
	{Name: "workers", Default: "0", Least: 0, Most: 256, Help: "Imports of each size, small and large, that one process works on at once in the background. 0: one for each core. One alone is taken as 2, so that no organisation has all of them."},
	{Name: "session.idle_minutes", Default: "60", Least: 1, Most: 10_080, Help: "Minutes without use after which a user is signed out."},
	{Name: "session.hours", Default: "12", Least: 1, Most: 720, Help: "Hours after which a user is signed out in any case."},
	{Name: "sign_in.per_account", Default: "10", Least: 1, Most: 1_000_000,
		Help: "Failed sign-ins in 15 minutes as one user, or with one address that nobody has, after which further ones are turned away."},
	{Name: "sign_in.per_client", Default: "100", Least: 1, Most: 1_000_000,
		Help: "The same from one address of the network; of IPv6, from one network of 64 bits."},
	{Name: "hashing.memory_mib", Default: "19", Least: 1, Most: 1024, Help: "Memory that hashing a password takes, in MiB."},
	{Name: "hashing.time", Default: "2", Least: 1, Most: 10, Help: "Passes over that memory."},
	{Name: "hashing.threads", Default: "1", Least: 1, Most: 8, Help: "Lanes that hash one password together."},
	{Name: "limits.rows", Default: "1000000", Least: 1, Most: 100_000_000, Help: "Most rows of a file."},
	{Name: "limits.columns", Default: "256", Least: 1, Most: 16_384, Help: "Most columns of a file."},
	{Name: "limits.cell_kib", Default: "32", Least: 1, Most: 1024, Help: "Longest cell of a file, in KiB."},
	{Name: "api.upload_mib", Default: "64", Least: 1, Most: 4096, Help: "Largest file that the API takes, in MiB."},
	{Name: "api.body_kib", Default: "256", Least: 1, Most: 1024, Help: "Largest other request that the API takes, in KiB."},
}

// Settings returns all settings. Each format adds its own limit.
func Settings() []Setting { return slices.Clone(all) }

var all = func() []Setting {
	all := slices.Clone(settings)
	for _, f := range format.All() {
		all = append(all, Setting{Name: FormatLimit(f.Name), Default: strconv.Itoa(f.Limit), Most: 100_000_000,
			Help: fmt.Sprintf("Most rows of a file of format %s; 0 is no limit.", f.Name)})
	}
	return all
}()

// FormatLimit names the setting that limits the rows of a format.
func FormatLimit(name string) string { return "formats." + name + ".limit" }

// Variable is the name of the setting in the environment.
func (s Setting) Variable() string {
	return "MUSTER_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(s.Name))
}

// IsNumber reports whether the setting is a number.
func (s Setting) IsNumber() bool { return s.Most > 0 }

// problemOf says why the setting cannot be text, or "".
func (s Setting) problemOf(text string) string {
	begins := func(start string) bool { return strings.HasPrefix(text, start) && text != start }
	switch {
	case text == s.Default:
		return ""
	case s.IsNumber():
	case text == "" && s.Default == "":
		return ""
	case len(s.Begins) > 0 && !slices.ContainsFunc(s.Begins, begins):
		return "begins with " + strings.Join(s.Begins, ", or ") + ", and names a place behind it"
	case len(s.Choices) > 0 && !slices.Contains(s.Choices, text):
		return "is " + strings.Join(s.Choices, " or ") + ", not " + strconv.Quote(text)
	case s.Networks:
		if _, err := networks(text); err != nil {
			return err.Error()
		}
		return ""
	default:
		return ""
	}
	if n, err := strconv.Atoi(text); err != nil || n < s.Least || n > s.Most {
		return fmt.Sprintf("is a number from %d to %d, not %q", s.Least, s.Most, text)
	}
	return ""
}

// networks reads a list of addresses, such as 10.0.0.7, and networks, such as 10.0.0.0/8.
func networks(text string) (list []netip.Prefix, err error) {
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		network, bad := netip.ParsePrefix(part)
		if address, err := netip.ParseAddr(part); err == nil {
			network, bad = netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()), nil
		}
		if bad != nil {
			return nil, fmt.Errorf("has %q, which is neither an address, such as 10.0.0.7, nor a network, such as 10.0.0.0/8", part)
		}
		list = append(list, network.Masked())
	}
	return list, nil
}

// Shown is the value as it may be shown: the password of a URL is masked.
func (v Value) Shown() string {
	if !v.Password {
		return v.Text
	}
	u, err := url.Parse(v.Text)
	if err != nil {
		return "(secret)"
	}
	if _, has := u.User.Password(); !has && u.RawQuery == "" {
		return v.Text
	}
	name := cmp.Or(u.User.Username(), "")
	shown := *u
	shown.User, shown.RawQuery = nil, ""
	text := shown.String()
	if name != "" {
		text = strings.Replace(text, "://", "://"+url.User(name).String()+":(secret)@", 1)
	}
	if u.RawQuery != "" {
		text += "?(secret)"
	}
	return text
}

// strangers are variables that look like settings and are none. Some other
// program may read them, so they are only worth a warning.
func strangers(env map[string]string, known map[string]string) (problems []Problem) {
	variables := slices.Collect(maps.Keys(known))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if !strings.HasPrefix(name, "MUSTER_") || known[name] != "" || name == fileVariable || name == TokenVariable {
			continue
		}
		problems = append(problems, Problem{Where: name, Warning: true,
			Message: "there is no setting of this name" + nearest(name, variables)})
	}
	return problems
}
