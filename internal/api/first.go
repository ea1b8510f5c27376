package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"muster/client"
	"muster/internal/access"
	"muster/internal/secret"
)

// FirstMasterPage is the path of the link that muster serve prints while there is no Master.
// What lets in stands behind a #, which no browser sends and no log has.
const FirstMasterPage = "/first-master"

// firstRoutes is for whoever has that link, and nobody else is signed in for it.
func (d *door) firstRoutes() {
	o := described(operation(http.MethodPost, "/first-master", "make-first-master", "Make the first Master, by the link that the server has printed"))
	o.DefaultStatus, o.Security = http.StatusCreated, []map[string][]string{{}}
	huma.Register(d.api, o, func(ctx context.Context, in *struct {
		Opening
		Body client.FirstMaster
	}) (*answer[client.MadeMaster], error) {
		m := in.Body
		err := d.Access.UseFirstLink(ctx, m.Link, access.NewMaster{Address: m.Address, Name: m.Name, Password: secret.Text(m.Password)})
		if err != nil {
			return nil, d.problemOf(ctx, placed(o.OperationID, err))
		}
		return &answer[client.MadeMaster]{Body: &client.MadeMaster{Address: m.Address, Role: "Master"}}, nil
	})
}

// firstPage is the page of the link: a form that calls the operation.
func firstPage() http.Handler {
	files := ownFiles()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ownOnly(w)
		http.ServeFileFS(w, r, files, "first-master.html")
	})
}
