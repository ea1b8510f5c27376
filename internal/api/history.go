package api

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/table"
	"muster/internal/wire"
)

type historyWanted struct {
	client.HistoryFilter
	Paging
}

// historyFilter is what is wanted of the history.
func (d *door) historyFilter(ctx context.Context, a directory.Actor, in client.HistoryFilter) (directory.HistoryFilter, error) {
	filter := directory.HistoryFilter{Import: in.Import, Actor: in.Actor, Door: in.Door, Org: in.Org, Since: in.Since, Until: in.Until}
	var err error
	if filter.User, err = directory.ParseID(in.User); in.User != "" && err != nil {
		u, err := d.Directory.User(ctx, a, in.User)
		if err != nil {
			return filter, err
		}
		filter.User = u.ID
	}
	return filter, nil
}

func (d *door) listHistory(ctx context.Context, a directory.Actor, in *historyWanted) (*client.Page[client.HistoryEntry], error) {
	filter, err := d.historyFilter(ctx, a, in.HistoryFilter)
	if err != nil {
		return nil, err
	}
	if filter.After, err = pageAfter(in.After, directory.ParseID); err != nil {
		return nil, err
	}
	filter.Limit = in.Limit
	p := &client.Page[client.HistoryEntry]{Items: []*client.HistoryEntry{}}
	err = d.Directory.Entries(ctx, a, filter, func(e directory.Entry) error {
		p.Items = append(p.Items, wire.HistoryEntry(e))
		return nil
	})
	return nextAfter(p, in.Limit, func(e *client.HistoryEntry) string { return e.ID }), err
}

// exportHistory writes entries as JSON lines, while they are read.
func (d *door) exportHistory(ctx context.Context, a directory.Actor, in *struct {
	client.HistoryFilter
	Reading
}, w http.ResponseWriter) error {
	filter, err := d.historyFilter(ctx, a, in.HistoryFilter)
	if err != nil {
		return err
	}
	filter.OldestFirst = true
	return d.file(w, headOf("history", table.JSONL), func(to io.Writer) error {
		lines := bufio.NewWriterSize(to, 32<<10)
		encoder := json.NewEncoder(lines)
		encoder.SetEscapeHTML(false)
		if err := d.Directory.Entries(ctx, a, filter, func(e directory.Entry) error { return encoder.Encode(wire.HistoryEntry(e)) }); err != nil {
			return err
		}
		return lines.Flush()
	})
}

// headOf says which file of which kind an answer is.
func headOf(name, kind string) func(http.Header) {
	return func(h http.Header) {
		h.Set("Content-Type", kinds[kind][0])
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + kinds[kind][1]}))
	}
}

type mailboxWanted struct {
	client.UserFilter
	Kind string `query:"kind" enum:"csv,xlsx,jsonl" default:"csv" doc:"kind of file"`
	Reading
}

// mailboxReport writes users as a file that can be imported again. How many they are is told
// before them, as they were counted for the columns.
func (d *door) mailboxReport(ctx context.Context, a directory.Actor, in *mailboxWanted, w http.ResponseWriter) error {
	filter, err := wire.UserFilter(in.UserFilter)
	if err != nil {
		return err
	}
	users, counted := 0, false
	head := func(h http.Header) {
		headOf("mailboxes", in.Kind)(h)
		h.Set(client.UsersHeader, strconv.Itoa(users))
	}
	return d.file(w, head, func(to io.Writer) error {
		_, err := format.Export(to, in.Kind, func(f func(*directory.User) error) error {
			defer func() { counted = true }()
			return d.Directory.ExportUsers(ctx, a, filter, func(u *directory.User) error {
				if !counted {
					users++
				}
				return f(u)
			})
		})
		return err
	})
}
