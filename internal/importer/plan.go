package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/issue"
	"muster/internal/mailaddr"
	"muster/internal/table"
)

// NoRows tells that a file has headings and nothing else.
var NoRows = issue.NewError("no-rows", "The file has no rows below its headings.", "Check that the right sheet was saved, and that the file is complete.")

// planner is the work of planning one import.
type planner struct {
	*Service
	imp      *Import
	upload   *uploadReader
	table    *table.Reader
	format   *format.Format
	binding  *format.Binding
	judge    *directory.Judge
	numberer *directory.Numberer
	records  []*directory.Record
	cells    [][]string
}

// Plan compares every row of an uploaded file with the directory and keeps what
// is to be done. It changes nothing in the directory. A file that cannot be
// planned is kept as refused; that is no error of Plan. Planning that was cut
// off begins again.
func (s *Service) Plan(ctx context.Context, number int64) (*Import, error) {
	imp, err := s.Store.Import(ctx, number)
	if err != nil || imp == nil || imp.State != Planning {
		return imp, err
	}
	p := &planner{Service: s, imp: imp, upload: &uploadReader{ctx: ctx, s: s, number: number}}
	err = p.run(ctx)
	if i, ok := asIssue(err); ok {
		return s.refuse(ctx, imp, i)
	}
	if errors.Is(err, context.Canceled) {
		return imp, errors.Join(err, s.cancelQuietly(ctx, imp))
	}
	return imp, err
}

func (p *planner) run(ctx context.Context) error {
	err := p.Store.WriteImport(ctx, func(tx Tx) error { return tx.Clear(ctx, p.imp.Number, RowsPart, ClaimsPart, SecretsPart) })
	if err != nil {
		return err
	}
	p.imp.clearPlan()
	if err := p.open(ctx); err != nil {
		return err
	}
	if err := p.readRows(ctx); err != nil {
		return err
	}
	if p.imp.Rows == 0 {
		return NoRows.New("The file has no rows below its headings.")
	}
	return p.finish(ctx)
}

// open finds out what kind of table and which format the file is.
func (p *planner) open(ctx context.Context) (err error) {
	o := table.Options{Encoding: p.imp.Options.Encoding, Limits: p.Limits}
	if p.imp.Options.Delimiter != "" {
		if o.Delimiter, err = table.DelimiterByName(p.imp.Options.Delimiter); err != nil {
			return err
		}
	}
	if p.imp.Options.Format != "" {
		if p.format, err = format.Named(p.imp.Options.Format); err != nil {
			return err
		}
		o.UnicodeOnly = p.format.UnicodeOnly
	}
	if p.table, err = table.Open(p.upload, o); err != nil {
		return err
	}
	p.imp.Table = p.table.Info()
	if err := p.bind(); err != nil {
		return err
	}
	return p.prepareJudge(ctx)
}

// bind reads the headings, and finds the format where none was chosen.
func (p *planner) bind() error {
	header, err := p.table.Next()
	if errors.Is(err, io.EOF) {
		return NoRows.New("The file is blank.")
	}
	if err != nil {
		return err
	}
	if p.format == nil {
		if p.format, err = detect(header); err != nil {
			return err
		}
	}
	if p.binding, err = p.format.Bind(header); err != nil {
		return err
	}
	p.imp.Format, p.imp.Headings = p.format.Name, p.binding.Headings()
	p.imp.Strict = p.format.Strict
	if p.imp.Options.Mode != "" {
		p.imp.Strict = p.imp.Options.Mode == "strict"
	}
	return nil
}

func detect(header table.Row) (*format.Format, error) {
	texts := make([]string, len(header.Cells))
	for i, c := range header.Cells {
		texts[i] = table.Trim(c.Text)
	}
	fitting := format.Detect(texts)
	names := make([]string, len(fitting))
	for i, f := range fitting {
		names[i] = f.Name
	}
	switch len(fitting) {
	case 1:
		return fitting[0], nil
	case 0:
		for _, f := range format.All() {
			names = append(names, f.Name)
		}
		i := FormatUnclear.New("The headings of the file are those of no format.")
		i.Line = header.Line
		return nil, i.Suggest("choose one of %s with --format, and its message will say what is missing", strings.Join(names, ", "))
	}
	i := FormatUnclear.New("The headings fit the formats %s.", strings.Join(names, " and "))
	i.Line = header.Line
	return nil, i.Suggest("choose one of them with --format")
}

func (p *planner) prepareJudge(ctx context.Context) (err error) {
	o := p.imp.Directory
	o.Breached, o.Planning = p.Breached, true
	if p.judge, err = directory.NewJudge(ctx, p.Store, p.imp.Planner, &p.format.Rules, o); err != nil {
		return err
	}
	p.imp.Stamp = p.judge.Catalog().Stamp
	p.numberer = directory.NewNumberer(p.taken)
	return nil
}

// taken tells which addresses somebody has, or an earlier row of the file wants.
func (p *planner) taken(ctx context.Context, keys []string) (map[string]bool, error) {
	taken, err := p.Store.Taken(ctx, keys)
	if err != nil {
		return nil, err
	}
	claims := make([]string, len(keys))
	for i, k := range keys {
		claims[i] = directory.AddressClaim(k)
	}
	claimed, err := p.Store.Claimed(ctx, p.imp.Number, claims)
	for i, claim := range claims {
		if _, ok := claimed[claim]; ok {
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
		if p.format.Limit > 0 && row > p.format.Limit {
			return FileTooLong.New("The file has more than %d rows, the most that format %s takes.", p.format.Limit, p.format.Name).
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
	if err := p.numberer.Number(ctx, verdicts); err != nil {
		return err
	}
	err = p.Store.WriteImport(ctx, func(tx Tx) error { return p.keepBatch(ctx, tx, verdicts) })
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

func columnOfClaim(key string, r *directory.Record) string {
	kind, _, _ := strings.Cut(key, ":")
	switch {
	case kind == "local" || kind == "user" && r.Values[directory.Address] == "" && r.ID == "":
		return r.Column(directory.LocalID.Spec().Name)
	case kind == "user" && r.ID != "":
		return r.Column("id")
	case r.Values[directory.Address] == "":
		return ""
	}
	return r.Column(directory.Address.Spec().Name)
}

func (p *planner) row(i int, v *directory.Verdict) *Row {
	r := &Row{Row: p.records[i].Row, Line: p.records[i].Line, Action: v.Action, UserID: v.ID, Cells: p.cells[i], Changes: v.Changes, Issues: v.Issues}
	if v.User != nil {
		r.Version = v.User.Version
	}
	if v.Action == directory.Refuse {
		r.Changes = nil
		return r
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
	imp.Issues += int64(len(r.Issues))
	if hasWarning(r.Issues) {
		imp.Warnings++
	}
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

// finish settles what only the whole file can tell, and makes the plan one that
// can be applied.
func (p *planner) finish(ctx context.Context) error {
	if err := p.settleDelegates(ctx); err != nil {
		return err
	}
	if err := p.countRemovals(ctx); err != nil {
		return err
	}
	if err := p.recognise(ctx); err != nil {
		return err
	}
	imp := p.imp
	imp.State, imp.PlannedAt = Planned, p.Now()
	imp.LapsesAt = imp.PlannedAt.AddDate(0, 0, p.PlanDays)
	return p.Store.WriteImport(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, imp.Number)
		if err != nil {
			return err
		}
		if now.State != Planning {
			*imp = *now
			return nil
		}
		if err := tx.Clear(ctx, imp.Number, UploadPart); err != nil {
			return err
		}
		return tx.SaveImport(ctx, imp)
	})
}

// settleDelegates finds the delegates that rows of the same file make.
func (p *planner) settleDelegates(ctx context.Context) error {
	for from := 1; ; {
		var rows []*Row
		err := p.Store.WriteImport(ctx, func(tx Tx) error {
			collect := func(r *Row) error { rows = append(rows, r); return nil }
			if err := tx.LateRows(ctx, p.imp.Number, from, p.Batch, collect); err != nil {
				return err
			}
			for _, r := range rows {
				if err := p.settleRow(ctx, tx, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		from = rows[len(rows)-1].Row + 1
	}
}

func (p *planner) settleRow(ctx context.Context, tx Tx, r *Row) error {
	before := *r
	for i, c := range r.Changes {
		if c.Field != directory.ChangeDelegate || c.Ref != "" || c.New == "" {
			continue
		}
		id, err := p.madeBy(ctx, c.New)
		if err != nil {
			return err
		}
		if id.IsZero() {
			p.reportDelegate(r, c.New)
			continue
		}
		r.Changes[i].Ref = id.String()
	}
	if hasError(r.Issues) {
		if err := p.turnToError(ctx, tx, &before, r); err != nil {
			return err
		}
	}
	return tx.SaveRow(ctx, p.imp.Number, r)
}

// madeBy returns the user that a row of this file makes with an address.
func (p *planner) madeBy(ctx context.Context, key string) (id directory.ID, err error) {
	claim := directory.AddressClaim(key)
	claimed, err := p.Store.Claimed(ctx, p.imp.Number, []string{claim})
	if err != nil || claimed[claim] == 0 {
		return id, err
	}
	err = p.Store.Rows(ctx, p.imp.Number, claimed[claim], 1, func(r *Row) error {
		if r.Action == directory.Create {
			id = r.UserID
		}
		return nil
	})
	return id, err
}

// reportDelegate adds the issue to the cell that names the unknown delegate.
func (p *planner) reportDelegate(r *Row, key string) {
	i := directory.DelegateUnknown.New("There is no user %s, neither in the directory nor among the new users of this file.", key)
	i.Row, i.Line = r.Row, r.Line
	for column, text := range r.Cells {
		if a, err := mailaddr.Parse(table.Trim(text)); err == nil && a.Key() == key && column < len(p.imp.Headings) {
			i.Column = p.imp.Headings[column]
		}
	}
	r.Issues = append(r.Issues, i)
	p.imp.Issues++
}

// turnToError takes a row out of the plan after all.
func (p *planner) turnToError(ctx context.Context, tx Tx, before, r *Row) error {
	p.imp.Counts[before.Action]--
	p.imp.Counts[directory.Refuse]++
	r.Action, r.Changes, r.Late = directory.Refuse, nil, false
	if err := tx.DeleteSecrets(ctx, p.imp.Number, Supplied, r.Row, r.Row); err != nil || !touches(before.Action) {
		return err
	}
	snap, err := tx.Snapshot(ctx, directory.Query{IDs: []directory.ID{r.UserID}})
	if err == nil {
		p.imp.Touched[snap.Users[r.UserID].Get(directory.Org)]--
	}
	return err
}

// countRemovals counts the members whom replacing the group's membership will
// take out: those whom no row of the file names.
func (p *planner) countRemovals(ctx context.Context) error {
	if !p.imp.Directory.ReplaceGroup || p.imp.Directory.Group == "" {
		return nil
	}
	return p.Store.WriteImport(ctx, func(tx Tx) error {
		leaving, err := leavingMembers(ctx, tx, p.Store, p.imp)
		p.imp.Removed = int64(len(leaving))
		return err
	})
}

// recognise finds the last import of the very same file that was applied.
func (p *planner) recognise(ctx context.Context) error {
	same, err := p.Store.Same(ctx, p.imp.Fingerprint)
	if err != nil {
		return err
	}
	for _, number := range same {
		other, err := p.Store.Import(ctx, number)
		if err != nil {
			return err
		}
		if number != p.imp.Number && other.State == Applied && p.imp.alike(other) {
			p.imp.SameAs = number
			return nil
		}
	}
	return nil
}

// alike reports whether another import of the same file means the same rows.
func (i *Import) alike(other *Import) bool {
	return i.Format == other.Format && i.Directory.Org == other.Directory.Org && i.Directory.Domain == other.Directory.Domain
}

// findTwins returns, by row, the users whom earlier imports of the very same
// file made or found: what keeps rows that bear no identity from being created
// twice.
func findTwins(ctx context.Context, s twinFinder, imp *Import, from, count int) (map[int]directory.ID, error) {
	twins := map[int]directory.ID{}
	same, err := s.Same(ctx, imp.Fingerprint)
	if err != nil {
		return nil, err
	}
	for _, number := range same {
		if number == imp.Number {
			continue
		}
		other, err := s.Import(ctx, number)
		if err != nil {
			return nil, err
		}
		if !imp.alike(other) {
			continue
		}
		err = s.Rows(ctx, number, from, count, func(r *Row) error {
			if _, known := twins[r.Row]; !known && other.didReach(r) {
				twins[r.Row] = r.UserID
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return twins, nil
}

type twinFinder interface {
	Same(ctx context.Context, fingerprint string) ([]int64, error)
	Import(ctx context.Context, number int64) (*Import, error)
	Rows(ctx context.Context, number int64, from, limit int, f func(*Row) error) error
}

// didReach reports whether apply has found or made the row's user.
func (i *Import) didReach(r *Row) bool {
	switch i.OutcomeOf(r) {
	case Created, Updated, Unchanged, Leaver, Joined:
		return !r.UserID.IsZero()
	}
	return false
}

// leavingMembers returns the users who are members of the import's group, and
// whom no row of its file names.
func leavingMembers(ctx context.Context, tx Tx, s claimFinder, imp *Import) (leaving []directory.ID, err error) {
	group, err := directory.ParseID(imp.Directory.Group)
	if err != nil {
		return nil, err
	}
	var members []directory.ID
	err = tx.Members(ctx, group, func(m directory.Member) error {
		if !m.UserID.IsZero() {
			members = append(members, m.UserID)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	claims := make([]string, len(members))
	for i, id := range members {
		claims[i] = fmt.Sprintf("user:%s", id)
	}
	claimed, err := s.Claimed(ctx, imp.Number, claims)
	for i, id := range members {
		if _, named := claimed[claims[i]]; !named {
			leaving = append(leaving, id)
		}
	}
	return leaving, err
}

type claimFinder interface {
	Claimed(ctx context.Context, number int64, keys []string) (map[string]int, error)
}
