package importer

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/mailaddr"
)

// taken tells which addresses somebody has, or an earlier row of the file wants.
func (p *planner) taken(ctx context.Context, keys []string) (map[string]bool, error) {
	return takenOrClaimed(ctx, p.tx, p.imp.Number, keys, func(int) bool { return true })
}

// takenOrClaimed tells which addresses somebody has, or a row of the import wants
// that has a right to it.
func takenOrClaimed(ctx context.Context, tx Tx, number int64, keys []string, right func(row int) bool) (map[string]bool, error) {
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
		if row, ok := claimed[claim]; ok && right(row) {
			taken[keys[i]] = true
		}
	}
	return taken, err
}

// readRows plans the rows batch by batch: other cores read and judge the next
// batches while one keeps this one.
func (p *planner) readRows(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	batches := make(chan *judged, 1)
	var group sync.WaitGroup
	group.Go(func() { p.judgeAll(ctx, batches) })
	defer group.Wait()
	defer stop()
	for b := range batches {
		if <-b.done; b.err != nil {
			return b.err
		}
		// A batch that has begun is finished: to watch for an interruption would
		// cost a goroutine a statement.
		keep := func(tx Tx) error { return p.keepBatch(context.WithoutCancel(ctx), tx, b) }
		if err := p.step(ctx, keep); err != nil {
			return err
		}
		p.report(planningNow, b.read, p.imp.Bytes)
	}
	return ctx.Err()
}

// judged is a batch of rows with what the rules say of them, or else the error
// that ends the planning.
type judged struct {
	records  []*directory.Record
	cells    [][]string
	secret   []secretCells
	verdicts []*directory.Verdict
	repeated map[int]bool // rows about a user whom an earlier one changes, too
	read     int64        // bytes of the file, up to here
	err      error
	done     chan struct{} // closed when it is judged
}

// judgeAll sends all rows of the file, judged.
func (p *planner) judgeAll(ctx context.Context, batches chan<- *judged) {
	defer close(batches)
	var group sync.WaitGroup
	defer group.Wait()
	for row, last := 1, false; !last; {
		b := &judged{done: make(chan struct{}), repeated: map[int]bool{}}
		last, b.err = p.readBatch(b, row)
		if last = last || b.err != nil; b.err == nil && len(b.records) == 0 {
			continue
		}
		row, b.read = row+len(b.records), p.upload.read
		group.Go(func() { p.judgeBatch(ctx, b) })
		select {
		case batches <- b:
		case <-ctx.Done():
			return
		}
	}
}

// readBatch reads the next rows, and tells whether they are the last.
func (p *planner) readBatch(b *judged, row int) (last bool, err error) {
	for ; len(b.records) < p.Batch; row++ {
		r, err := p.next()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if most := p.limit(); most > 0 && row > most {
			return false, FileTooLong.New("The file has more than %d rows, the most that format %s takes.", most, p.format.Name).
				Suggest("split the file, or take format muster, which has no limit")
		}
		b.records = append(b.records, p.binding.Record(row, r))
		b.cells = append(b.cells, p.binding.Keep(r))
		b.secret = append(b.secret, p.binding.SecretCells(r))
	}
	return false, nil
}

// corrected reports whether an administrator's format took the place of one that
// Muster has by itself: its own limit counts.
func (p *planner) corrected() bool {
	f, err := format.Named(p.format.Name)
	return err != nil || f.Text != p.format.Text
}

// limit is the most rows that a file of the format may have; 0 is no limit.
func (p *planner) limit() int {
	if most, set := p.FormatRows[p.format.Name]; set && !p.corrected() {
		return most
	}
	return p.format.Limit
}

// judgeBatch compares the rows with the directory.
func (p *planner) judgeBatch(ctx context.Context, b *judged) {
	defer close(b.done)
	if b.err == nil {
		b.err = p.findTwins(ctx, b)
	}
	if b.err == nil {
		b.verdicts, b.err = p.judge.Another().Judge(ctx, b.records)
	}
}

// findTwins tells the records which users earlier imports of the same file made.
// Where rows name their addresses, these tell it.
func (p *planner) findTwins(ctx context.Context, b *judged) error {
	if !p.format.Rules.GenerateAddress {
		return nil
	}
	twins, err := findTwins(ctx, p.Store, p.imp, b.records[0].Row, len(b.records))
	for _, r := range b.records {
		r.Twin = twins[r.Row]
	}
	return err
}

// keepBatch keeps a row for each verdict.
func (p *planner) keepBatch(ctx context.Context, tx Tx, b *judged) error {
	rows, err := p.settleBatch(ctx, tx, b)
	if err != nil {
		return err
	}
	return tx.AddRows(ctx, p.imp.Number, rows)
}

// settleBatch makes the rows of verdicts, with what they claim and their secrets, and
// counts them.
func (p *planner) settleBatch(ctx context.Context, tx Tx, b *judged) ([]*Row, error) {
	rows := make([]*Row, len(b.verdicts))
	if err := p.claim(ctx, tx, b); err != nil {
		return nil, err
	}
	if err := p.number(ctx, tx, b); err != nil {
		return nil, err
	}
	var secrets []Secret
	for i, v := range b.verdicts {
		rows[i] = b.row(i)
		sealed, err := p.secrets(rows[i], v, b.records[i], b.secret[i])
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, sealed...)
		p.count(rows[i], v, b.repeated[rows[i].Row])
		p.ids.add(b.records[i])
	}
	return rows, tx.AddSecrets(ctx, p.imp.Number, secrets)
}

// claim reports rows that want what an earlier row of the file wants.
func (p *planner) claim(ctx context.Context, tx Tx, b *judged) error {
	var claims []Claim
	for i, v := range b.verdicts {
		for _, key := range v.Claims(b.records[i]) {
			claims = append(claims, Claim{key, b.records[i].Row})
		}
	}
	conflicts, err := tx.Claim(ctx, p.imp.Number, claims)
	first := b.records[0].Row
	for _, c := range conflicts {
		if c.Other == c.Row {
			continue
		}
		if b.records[c.Row-first].Account != nil && strings.HasPrefix(c.Key, "user:") {
			b.repeated[c.Row] = true // a user has several e-mail accounts
			continue
		}
		if c.Line == 0 {
			c.Line = b.records[c.Other-first].Line
		}
		r, v := b.records[c.Row-first], b.verdicts[c.Row-first]
		i := Duplicate.New("%s is in line %d already.", whatIsClaimed(c.Key), c.Line)
		i.Row, i.Line, i.Column = r.Row, r.Line, columnOfClaim(c.Key, r)
		v.Issues = append(v.Issues, i)
		v.Action = directory.Refuse
	}
	if err != nil {
		return err
	}
	return p.tellElsewhere(ctx, tx, b, claims)
}

// tellElsewhere warns of rows that change what another import is to change, too:
// whichever is applied later may find that its plan is no longer true.
func (p *planner) tellElsewhere(ctx context.Context, tx Tx, b *judged, claims []Claim) error {
	others, err := tx.Unfinished(ctx, p.imp)
	others = slices.DeleteFunc(others, func(other *Import) bool { return other.State == Planned && other.barred() })
	if err != nil || len(others) == 0 {
		return err
	}
	keys := make([]string, len(claims))
	for i, c := range claims {
		keys[i] = c.Key
	}
	first, told := b.records[0].Row, map[int]bool{}
	for _, other := range others {
		claimed, err := tx.Claimed(ctx, other.Number, keys)
		if err != nil {
			return err
		}
		for _, c := range claims {
			r, v := b.records[c.Row-first], b.verdicts[c.Row-first]
			if _, there := claimed[c.Key]; !there || told[c.Row] || v.Action == directory.Refuse || v.Action == directory.Unchanged {
				continue
			}
			told[c.Row] = true
			i := AlsoElsewhere.New("%s is also in import %d, which is not finished.", whatIsClaimed(c.Key), other.Number)
			i.Row, i.Line, i.Column = r.Row, r.Line, columnOfClaim(c.Key, r)
			v.Issues = append(v.Issues, i)
		}
	}
	return nil
}

// number settles the generated addresses of the rows that are not in error, so
// that none that is uses up a number, and claims them.
func (p *planner) number(ctx context.Context, tx Tx, b *judged) error {
	p.tx = tx
	if err := p.numberer.Number(ctx, b.verdicts); err != nil {
		return err
	}
	var claims []Claim
	for i, v := range b.verdicts {
		if a, err := mailaddr.Parse(v.Address); v.Stem != "" && v.Action == directory.Create && err == nil {
			claims = append(claims, Claim{directory.AddressClaim(a.Key()), b.records[i].Row})
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
	case "account":
		_, account, _ := strings.Cut(what, " ")
		_, address, _ := strings.Cut(account, " ")
		return "The e-mail account " + address
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
	case kind == "account":
		return r.Column("account.address")
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

func (b *judged) row(i int) *Row {
	v := b.verdicts[i]
	r := &Row{Row: b.records[i].Row, Line: b.records[i].Line, Action: v.Action, UserID: v.ID, Cells: b.cells[i], Changes: v.Changes, Issues: v.Issues}
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

// secrets seals what the row supplied: a password, or a hash, and the passwords of an
// e-mail account.
func (p *planner) secrets(r *Row, v *directory.Verdict, rec *directory.Record, cells secretCells) ([]Secret, error) {
	if r.Action == directory.Refuse || r.Action == directory.Discard {
		return p.sealAside(p.imp.Number, r.Row, cells)
	}
	kind, text := Supplied, v.Password.Plain
	if text == "" {
		kind, text = Hashed, v.Password.Hash
	}
	list, err := p.sealAccount(p.imp.Number, r, rec.Account)
	if text != "" {
		list = append(list, Secret{Row: r.Row, Kind: kind, Sealed: p.Key.Seal([]byte(text), SealedFor(p.imp.Number, r.Row, kind))})
	}
	return list, err
}

// count counts a row, and its user unless an earlier row has been about them.
func (p *planner) count(r *Row, v *directory.Verdict, repeated bool) {
	imp := p.imp
	imp.Rows++
	imp.Counts[r.Action]++
	imp.countIssues(nil, r.Issues)
	if v.Stem != "" {
		imp.Generated = true
	}
	if org := v.OrgAfter(); org != "" && r.Action != directory.Refuse {
		// Whoever may see the import may see all its rows.
		imp.Org = p.judge.Catalog().Common(imp.Org, org)
	}
	if r.Action != directory.Refuse {
		imp.Summary.add(r, v.User, 1)
	}
	if v.Password.Generate && r.Action != directory.Refuse {
		imp.GeneratedPasswords++
	}
	if v.Password.Plain != "" && r.Action != directory.Refuse {
		imp.Secrets++
	}
	if v.User != nil && touches(r.Action) && !repeated {
		imp.Touched[v.User.Get(directory.Org)]++
	}
}

// uncount counts a row no longer. Its user is as found, and counted with the first of
// the rows about them; it has supplied a password or not.
func (i *Import) uncount(r *Row, found *directory.User, supplied, first bool) {
	i.Rows--
	i.Issues -= int64(len(r.Issues))
	if hasWarning(r.Issues) {
		i.Warnings--
	}
	if r.Outcome == LeftOut {
		i.SetAside--
		return
	}
	i.Counts[r.Action]--
	if r.generates() {
		i.GeneratedPasswords--
	}
	if supplied {
		i.Secrets--
	}
	if found != nil && touches(r.Action) && first {
		i.Touched[found.Get(directory.Org)]--
	}
	i.Summary.add(r, found, -1)
}

func touches(a directory.Action) bool {
	return a == directory.Update || a == directory.MarkLeft || a == directory.Join
}
