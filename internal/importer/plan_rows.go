package importer

import (
	"context"
	"errors"
	"io"
	"strings"

	"muster/internal/directory"
	"muster/internal/mailaddr"
)

// taken tells which addresses somebody has, or an earlier row of the file wants.
func (p *planner) taken(ctx context.Context, keys []string) (map[string]bool, error) {
	return takenOrClaimed(ctx, p.tx, p.imp.Number, 1, keys)
}

// takenOrClaimed tells which addresses somebody has, or a row of the import
// from a row on wants.
func takenOrClaimed(ctx context.Context, tx Tx, number, from int64, keys []string) (map[string]bool, error) {
	taken, err := tx.Taken(ctx, keys)
	if err != nil {
		return nil, err
	}
	claims := make([]string, len(keys))
	for i, k := range keys {
		claims[i] = directory.AddressClaim(k)
	}
	claimed, err := tx.Claimed(ctx, number, claims)
	for i, claim := range claims {
		if row, ok := claimed[claim]; ok && int64(row) >= from {
			taken[keys[i]] = true
		}
	}
	return taken, err
}

// readRows plans the rows batch by batch.
func (p *planner) readRows(ctx context.Context) error {
	for row := 1; ; row++ {
		r, err := p.table.Next()
		if errors.Is(err, io.EOF) {
			return p.planBatch(ctx)
		}
		if err != nil {
			return err
		}
		if most := p.limit(); most > 0 && row > most {
			return FileTooLong.New("The file has more than %d rows, the most that format %s takes.", most, p.format.Name).
				Suggest("split the file, or take format muster, which has no limit")
		}
		p.records = append(p.records, p.binding.Record(row, r))
		p.cells = append(p.cells, p.binding.Keep(r))
		if len(p.records) < p.Batch {
			continue
		}
		if err := p.planBatch(ctx); err != nil {
			return err
		}
	}
}

// limit is the most rows that a file of the format may have; 0 is no limit.
func (p *planner) limit() int {
	if most, set := p.FormatRows[p.format.Name]; set {
		return most
	}
	return p.format.Limit
}

// planBatch judges the rows read so far and keeps them.
func (p *planner) planBatch(ctx context.Context) error {
	if len(p.records) == 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	if err := p.findTwins(ctx); err != nil {
		return err
	}
	verdicts, err := p.judge.Judge(ctx, p.records)
	if err != nil {
		return err
	}
	err = p.write(ctx, func(tx Tx) error { return p.keepBatch(ctx, tx, verdicts) })
	p.records, p.cells = p.records[:0], p.cells[:0]
	p.report("planning", p.upload.read, p.imp.Bytes)
	return err
}

// findTwins tells the records which users earlier imports of the same file made.
func (p *planner) findTwins(ctx context.Context) error {
	twins, err := findTwins(ctx, p.Store, p.imp, p.records[0].Row, len(p.records))
	for _, r := range p.records {
		r.Twin = twins[r.Row]
	}
	return err
}

func (p *planner) keepBatch(ctx context.Context, tx Tx, verdicts []*directory.Verdict) error {
	rows := make([]*Row, len(verdicts))
	if err := p.claim(ctx, tx, verdicts); err != nil {
		return err
	}
	if err := p.number(ctx, tx, verdicts); err != nil {
		return err
	}
	var secrets []Secret
	for i, v := range verdicts {
		rows[i] = p.row(i, v)
		if s, ok := p.secret(rows[i], v); ok {
			secrets = append(secrets, s)
		}
		p.count(rows[i], v)
	}
	if err := tx.AddSecrets(ctx, p.imp.Number, secrets); err != nil {
		return err
	}
	return tx.AddRows(ctx, p.imp.Number, rows)
}

// claim reports rows that want what an earlier row of the file wants.
func (p *planner) claim(ctx context.Context, tx Tx, verdicts []*directory.Verdict) error {
	var claims []Claim
	for i, v := range verdicts {
		for _, key := range v.Claims(p.records[i]) {
			claims = append(claims, Claim{key, p.records[i].Row})
		}
	}
	conflicts, err := tx.Claim(ctx, p.imp.Number, claims)
	first := p.records[0].Row
	for _, c := range conflicts {
		if c.Other == c.Row {
			continue
		}
		if c.Line == 0 {
			c.Line = p.records[c.Other-first].Line
		}
		r := p.records[c.Row-first]
		i := Duplicate.New("%s is in line %d already.", whatIsClaimed(c.Key), c.Line)
		i.Row, i.Line, i.Column = r.Row, r.Line, columnOfClaim(c.Key, r)
		verdicts[c.Row-first].Issues = append(verdicts[c.Row-first].Issues, i)
		verdicts[c.Row-first].Action = directory.Refuse
	}
	return err
}

// number settles the generated addresses of the rows that are not in error, so
// that none that is uses up a number, and claims them.
func (p *planner) number(ctx context.Context, tx Tx, verdicts []*directory.Verdict) error {
	p.tx = tx
	if err := p.numberer.Number(ctx, verdicts); err != nil {
		return err
	}
	var claims []Claim
	for i, v := range verdicts {
		if a, err := mailaddr.Parse(v.Address); v.Stem != "" && v.Action == directory.Create && err == nil {
			claims = append(claims, Claim{directory.AddressClaim(a.Key()), p.records[i].Row})
		}
	}
	_, err := tx.Claim(ctx, p.imp.Number, claims)
	return err
}

func whatIsClaimed(key string) string {
	kind, what, _ := strings.Cut(key, ":")
	switch kind {
	case "address":
		return "The address " + what
	case "local":
		_, local, _ := strings.Cut(what, "/")
		return "The local id " + local
	}
	return "The same user"
}

// columnOfClaim is the heading of the cell that makes a claim.
func columnOfClaim(key string, r *directory.Record) string {
	kind, what, _ := strings.Cut(key, ":")
	switch {
	case kind == "address":
		return columnOfAddress(what, r)
	case kind == "local" || kind == "user" && r.Values[directory.Address] == "" && r.ID == "":
		return r.Column(directory.LocalID.Spec().Name)
	case kind == "user" && r.ID != "":
		return r.Column("id")
	case r.Values[directory.Address] == "":
		return ""
	}
	return r.Column(directory.Address.Spec().Name)
}

func columnOfAddress(key string, r *directory.Record) string {
	is := func(text string) bool { a, err := mailaddr.Parse(text); return err == nil && a.Key() == key }
	for _, alias := range r.Aliases.Items {
		if is(alias.Text) {
			return alias.Column
		}
	}
	if is(r.RenameTo) {
		return r.Column("rename_to")
	}
	return r.Column(directory.Address.Spec().Name)
}

func (p *planner) row(i int, v *directory.Verdict) *Row {
	r := &Row{Row: p.records[i].Row, Line: p.records[i].Line, Action: v.Action, UserID: v.ID, Cells: p.cells[i], Changes: v.Changes, Issues: v.Issues}
	if v.User != nil {
		r.Version = v.User.Version
	}
	if v.Action == directory.Refuse {
		r.Changes = nil // but its delegates are still looked up, to tell all that is wrong
	}
	for _, item := range v.Pending {
		r.Late = true
		r.Changes = append(r.Changes, directory.Change{Field: directory.ChangeDelegate, New: item.Text})
	}
	if r.Late && r.Action == directory.Unchanged {
		r.Action = directory.Update
	}
	return r
}

// secret seals a password that the row supplied, or a hash.
func (p *planner) secret(r *Row, v *directory.Verdict) (Secret, bool) {
	kind, text := Supplied, v.Password.Plain
	if text == "" {
		kind, text = Hashed, v.Password.Hash
	}
	if text == "" || r.Action == directory.Refuse {
		return Secret{}, false
	}
	return Secret{Row: r.Row, Kind: kind, Sealed: p.Key.Seal([]byte(text), sealedFor(p.imp.Number, r.Row, kind))}, true
}

func (p *planner) count(r *Row, v *directory.Verdict) {
	imp := p.imp
	imp.Rows++
	imp.Counts[r.Action]++
	imp.countIssues(nil, r.Issues)
	if v.Stem != "" {
		imp.Generated = true
	}
	if v.Password.Generate && r.Action != directory.Refuse {
		imp.GeneratedPasswords++
	}
	if v.Password.Plain != "" && r.Action != directory.Refuse {
		imp.Secrets++
	}
	if v.User != nil && touches(r.Action) {
		imp.Touched[v.User.Get(directory.Org)]++
	}
}

func touches(a directory.Action) bool {
	return a == directory.Update || a == directory.MarkLeft || a == directory.Join
}
