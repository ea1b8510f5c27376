package api

import (
	"context"
	"io"
	"mime"
	"net/http"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/wire"
)

type historyWanted struct {
	client.HistoryFilter
	Paging
}

func (d *door) listHistory(ctx context.Context, a directory.Actor, in *historyWanted) (*client.Page[client.HistoryEntry], error) {
	filter := directory.HistoryFilter{Import: in.Import, Actor: in.Actor, Door: in.Door, Org: in.Org, Since: in.Since, Until: in.Until, Limit: in.Limit}
	var err error
	if filter.After, err = pageAfter(in.After); err != nil {
		return nil, err
	}
	if filter.User, err = directory.ParseID(in.User); in.User != "" && err != nil {
		u, err := d.Directory.User(ctx, a, in.User)
		if err != nil {
			return nil, err
		}
		filter.User = u.ID
	}
	p := &client.Page[client.HistoryEntry]{Items: []*client.HistoryEntry{}}
	err = d.Directory.Entries(ctx, a, filter, func(e directory.Entry) error {
		p.Items = append(p.Items, wire.HistoryEntry(e))
		return nil
	})
	return nextAfter(p, in.Limit, func(e *client.HistoryEntry) string { return e.ID }), err
}

type mailboxWanted struct {
	client.UserFilter
	Kind string `query:"kind" enum:"csv,xlsx,jsonl" default:"csv" doc:"kind of file"`
	Reading
}

// mailboxReport writes users as a file that can be imported again.
func (d *door) mailboxReport(ctx context.Context, a directory.Actor, in *mailboxWanted, w http.ResponseWriter) error {
	filter, err := wire.UserFilter(in.UserFilter)
	if err != nil {
		return err
	}
	return d.file(w, func(h http.Header) {
		h.Set("Content-Type", kinds[in.Kind][0])
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "mailboxes" + kinds[in.Kind][1]}))
	}, func(to io.Writer) error {
		_, err := format.Export(to, in.Kind, func(f func(*directory.User) error) error {
			return d.Directory.ExportUsers(ctx, a, filter, f)
		})
		return err
	})
}
