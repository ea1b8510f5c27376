package api

import (
	"context"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/wire"
)

func (d *door) listImports(ctx context.Context, a directory.Actor, in *struct {
	Reading
	After int64 `query:"after" minimum:"1" doc:"next of the page before"`
	Limit int   `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most items of the page"`
}) (*client.Page[client.ListedImport], error) {
	p := &client.Page[client.ListedImport]{Items: []*client.ListedImport{}}
	err := d.Importer.ImportsBefore(ctx, a, in.After, in.Limit, func(imp *importer.Import) error {
		p.Items = append(p.Items, wire.ListedImport(imp))
		return nil
	})
	return nextAfter(p, in.Limit, func(imp *client.ListedImport) string { return number(imp.Import) }), err
}

// OfImport names the import that an operation is about.
type OfImport struct {
	Import int64 `path:"import" doc:"number"`
}

func (d *door) showImport(ctx context.Context, a directory.Actor, in *struct {
	OfImport
	Reading
}) (*client.Import, error) {
	imp, err := d.Importer.Import(ctx, a, in.Import)
	return d.withIssues(ctx, a, imp, err)
}

// withIssues answers with an import.
func (d *door) withIssues(ctx context.Context, a directory.Actor, imp *importer.Import, err error) (*client.Import, error) {
	if err != nil {
		return nil, err
	}
	issues, total, err := d.Importer.Issues(ctx, a, imp.Number, wire.MostIssues)
	return wire.WithIssues(imp, true, issues, total), err
}

func (d *door) listRows(ctx context.Context, a directory.Actor, in *struct {
	OfImport
	Reading
	client.RowFilter
	After int `query:"after" minimum:"1" maximum:"1000000000" doc:"next of the page before"`
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most items of the page"`
}) (*client.Page[client.Row], error) {
	filter, err := wire.RowFilter(in.Only)
	if err != nil {
		return nil, err
	}
	filter.From, filter.Limit = in.After+1, in.Limit
	p := &client.Page[client.Row]{Items: []*client.Row{}}
	err = d.Importer.Rows(ctx, a, in.Import, filter, func(imp *importer.Import, r *importer.Row, address string) error {
		p.Items = append(p.Items, wire.Row(imp, r, address))
		return nil
	})
	return nextAfter(p, in.Limit, func(r *client.Row) string { return number(int64(r.Row)) }), err
}

// confirmed is an operation that may need to repeat how many users it changes.
type confirmed struct {
	OfImport
	Creating
	Body *client.Confirmation
}

func (c *confirmed) count() int64 {
	if c.Body == nil {
		return 0
	}
	return c.Body.Confirm
}

func (d *door) apply(ctx context.Context, a directory.Actor, in *confirmed) (*client.Import, error) {
	imp, err := d.Importer.ApplyLater(ctx, a, in.Import, in.count())
	return d.left(ctx, a, imp, err)
}

// numberOnly is an operation that takes nothing but its import.
type numberOnly struct {
	OfImport
	Creating
}

func (d *door) resume(ctx context.Context, a directory.Actor, in *numberOnly) (*client.Import, error) {
	imp, err := d.Importer.ApplyLater(ctx, a, in.Import, 0)
	return d.left(ctx, a, imp, err)
}

func (d *door) undo(ctx context.Context, a directory.Actor, in *confirmed) (*client.Import, error) {
	imp, err := d.Importer.UndoLater(ctx, a, in.Import, in.count())
	return d.left(ctx, a, imp, err)
}

// left answers with an import that is left to the background. Those who work there
// find it by themselves, if they cannot be told.
func (d *door) left(ctx context.Context, a directory.Actor, imp *importer.Import, err error) (*client.Import, error) {
	if err == nil && imp.Waits() && !isDry(ctx) {
		d.tell(ctx, imp)
	}
	return d.withIssues(ctx, a, imp, err)
}

func (d *door) tell(ctx context.Context, imp *importer.Import) {
	if err := d.Enqueue(ctx, imp); err != nil {
		d.Log.Warn("nobody could be told of an import that waits", "import", imp.Number, "error", err)
	}
}

func (d *door) cancel(ctx context.Context, a directory.Actor, in *numberOnly) (*client.Import, error) {
	imp, err := d.Importer.Cancel(ctx, a, in.Import)
	return d.withIssues(ctx, a, imp, err)
}

// OfRow names a row of an import.
type OfRow struct {
	OfImport
	Row int `path:"row" doc:"1: the first data row"`
}

func (d *door) setRow(ctx context.Context, a directory.Actor, in *struct {
	OfRow
	Changing
	Body client.RowChange
}) (*client.Import, error) {
	return d.revise(ctx, a, in.Import, importer.Revision{Row: in.Row, Cells: in.Body.Cells})
}

// rowOnly is an operation that takes nothing but its row.
type rowOnly struct {
	OfRow
	Creating
}

func (d *door) leaveRowOut(ctx context.Context, a directory.Actor, in *rowOnly) (*client.Import, error) {
	return d.revise(ctx, a, in.Import, importer.Revision{Row: in.Row, Out: true})
}

func (d *door) takeRowIn(ctx context.Context, a directory.Actor, in *rowOnly) (*client.Import, error) {
	return d.revise(ctx, a, in.Import, importer.Revision{Row: in.Row})
}

func (d *door) revise(ctx context.Context, a directory.Actor, number int64, r importer.Revision) (*client.Import, error) {
	imp, err := d.Importer.Revise(ctx, a, number, []importer.Revision{r})
	return d.withIssues(ctx, a, imp, err)
}

func (d *door) planUndo(ctx context.Context, a directory.Actor, in *struct {
	OfImport
	Reading
}) (*client.Import, error) {
	issues := []client.Issue{}
	plan, err := d.Importer.UndoPlan(ctx, a, in.Import, func(r *importer.UndoRow) error {
		if r.Outcome != importer.Reversed && len(issues) < wire.MostIssues {
			issues = append(issues, wire.Issue(r.Issue))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return wire.UndoPlan(plan, issues), nil
}
