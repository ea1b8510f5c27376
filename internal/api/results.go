package api

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/table"
)

// resultsWanted are the results of an import, or a part of them.
type resultsWanted struct {
	OfImport
	FailedOnly bool `query:"failed_only" doc:"only the rows that failed or were left out, ready to mend and send again"`
	Reading
}

// kinds are the media types of tables, and how their files' names end.
var kinds = map[string][2]string{
	table.CSV:   {"text/csv", ".csv"},
	table.XLSX:  {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
	table.XLS:   {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"}, // Muster writes no .xls
	table.JSONL: {"application/jsonl", ".jsonl"},
}

func (d *door) results(ctx context.Context, a directory.Actor, in *resultsWanted, w http.ResponseWriter) error {
	imp, err := d.Importer.Import(ctx, a, in.Import)
	if err != nil {
		return err
	}
	return d.file(w, func(h http.Header) { headOfResults(h, imp, in.FailedOnly) }, func(to io.Writer) error {
		return d.Importer.Results(ctx, a, in.Import, in.FailedOnly, to)
	})
}

func headOfResults(h http.Header, imp *importer.Import, failedOnly bool) {
	kind, what := kinds[imp.Table.Kind], "results"
	if failedOnly {
		what = "failed"
	}
	name := strings.TrimSuffix(imp.File, path.Ext(imp.File)) + "-" + what + kind[1]
	h.Set("Content-Type", kind[0])
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("ETag", fmt.Sprintf(`W/"%d-%s-%d-%d-%t"`, imp.Number, imp.State, imp.Next, imp.UndoNext, failedOnly))
}
