package api

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/mailaddr"
	"muster/internal/wire"
)

// SentFile is the file of a request: its whole body, or the field file of a form. It is
// read as it comes.
type SentFile struct {
	request *http.Request
}

// Resolve takes the request from huma, which would read a body into memory.
func (s *SentFile) Resolve(ctx huma.Context) []error {
	s.request, _ = humago.Unwrap(ctx)
	return nil
}

// file returns the file and its name, as far as that is known.
func (s *SentFile) file() (io.Reader, string, error) {
	kind, _, _ := mime.ParseMediaType(s.request.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return s.request.Body, "", nil
	}
	s.request.Body = io.NopCloser(&formBody{Reader: s.request.Body})
	form, err := s.request.MultipartReader()
	if err != nil {
		return nil, "", ofForm(err)
	}
	part, err := form.NextPart()
	switch {
	case err == io.EOF:
		return nil, "", NoFile.New("The form has no field file.")
	case err != nil:
		return nil, "", ofForm(err)
	case part.FormName() != "file":
		return nil, "", notTaken(part)
	}
	return &formFile{Reader: part, form: form}, part.FileName(), nil
}

// formFile is the file of a form. Where it ends the form has to end, too.
type formFile struct {
	io.Reader
	form *multipart.Reader
	end  error // nil: not yet
}

// Read reads on.
func (f *formFile) Read(b []byte) (n int, err error) {
	if f.end == nil {
		n, f.end = f.Reader.Read(b)
		if f.end == io.EOF {
			f.end = f.after()
		}
	}
	return n, f.end
}

// after is io.EOF where nothing comes after the file.
func (f *formFile) after() error {
	part, err := f.form.NextPart()
	switch {
	case err == nil:
		return notTaken(part)
	case err != io.EOF:
		return ofForm(err)
	}
	return io.EOF
}

// formBody is a form, behind whose last border nobody reads on: whoever reads to its end
// finds it cut off. Package multipart takes it for whole where that is at the head of a field.
type formBody struct {
	io.Reader
	dash bool // is the last octet: the line of the last border may lack its end
}

// Read reads on.
func (f *formBody) Read(b []byte) (int, error) {
	n, err := f.Reader.Read(b)
	if n > 0 {
		f.dash = b[n-1] == '-'
	}
	switch {
	case err == io.EOF && f.dash:
		f.Reader, f.dash, err = strings.NewReader("\r\n"), false, nil
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// notTaken says of a field of a form that it is none, so that no option is passed over.
func notTaken(part *multipart.Part) error {
	name := strings.ToValidUTF8(part.FormName(), "\uFFFD")
	i := RequestInvalid.New("A form has one field, file, and no other.").In("form." + name)
	if name == "file" {
		return i.Suggest("Send each file in a request of its own.")
	}
	return i.Suggest("Give options in the query, as ?%s=…, and the file alone in the form.", url.QueryEscape(name))
}

// ofForm says what is wrong with a form that could not be read.
func ofForm(err error) error {
	if told := ofBody(err); len(issuesOf(told)) > 0 {
		return told
	}
	return RequestInvalid.New("The body is no form (multipart/form-data) that can be read.").In("body")
}

// uploaded is what an upload takes.
type uploaded struct {
	client.ImportOptions
	Creating
	SentFile
	Filename string `query:"filename" doc:"name of the file, for people"`
}

func (d *door) upload(ctx context.Context, a directory.Actor, in *uploaded) (*client.Import, error) {
	options, err := optionsOf(in.ImportOptions)
	if err != nil {
		return nil, err
	}
	imp, err := d.Importer.Check(ctx, a, options)
	if err == nil && in.Apply {
		err = d.Directory.May(ctx, a, directory.ImportsApply, imp.Org)
	}
	if err != nil {
		return nil, err
	}
	if isDry(ctx) {
		imp, err = d.receive(ctx, a, in, options, d.Importer.Try)
		if err != nil {
			return nil, err
		}
		return wire.WithIssues(imp, false, imp.FileIssues, imp.Issues), nil
	}
	return d.keepFile(ctx, a, in, options)
}

// keepFile keeps a file, and leaves planning to the background.
func (d *door) keepFile(ctx context.Context, a directory.Actor, in *uploaded, options importer.Options) (*client.Import, error) {
	imp, err := d.receive(ctx, a, in, options, d.Importer.Upload)
	if err == nil && in.Apply {
		imp, err = d.Importer.ApplyLater(ctx, a, imp.Number, in.Confirm)
	}
	if err != nil {
		return nil, err
	}
	d.tell(ctx, imp)
	return wire.Import(imp, false), nil
}

// takes is what an importer does with a file.
type takes func(context.Context, directory.Actor, string, io.Reader, importer.Options) (*importer.Import, error)

// receive lets the importer take the file as it comes.
func (d *door) receive(ctx context.Context, a directory.Actor, in *uploaded, options importer.Options, take takes) (*importer.Import, error) {
	file, name, err := in.file()
	if err != nil {
		return nil, err
	}
	arriving := &arrival{Reader: file}
	imp, err := take(ctx, a, fileName(cmp.Or(in.Filename, name)), arriving, options)
	if arriving.failed != nil && len(issuesOf(err)) == 0 {
		return nil, ofBody(arriving.failed)
	}
	return imp, err
}

// arrival notes why a file did not come to its end.
type arrival struct {
	io.Reader
	failed error
}

// Read reads on.
func (a *arrival) Read(b []byte) (int, error) {
	n, err := a.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		a.failed = err
	}
	return n, err
}

// longestName is that of a file, in characters.
const longestName = 200

// fileName is the last part of a name, without what would steer a terminal or a page.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if runes := []rune(name); len(runes) > longestName {
		name = string(runes[:longestName])
	}
	if name == "" || name == "." || name == "/" || name == ".." {
		return "upload"
	}
	return name
}

// optionsOf reads the options of an import.
func optionsOf(o client.ImportOptions) (importer.Options, error) {
	options := importer.Options{Format: o.Format, Encoding: o.Encoding, Sheet: o.Sheet, Delimiter: o.Delimiter, Org: o.Org, Group: o.Group,
		GroupMode: o.GroupMode, UploadOnly: o.UploadOnly, Note: o.Note, Mode: o.Mode, Notify: o.Notify, SkipHeader: o.SkipHeader,
		SetPasswords: o.SetPasswords, GeneratePasswords: o.GeneratePasswords, Unattended: o.Apply}
	if o.Domain == "" {
		return options, nil
	}
	name, err := mailaddr.ParseDomain(o.Domain)
	options.Domain = name
	return options, err
}

// fileOperation adds a POST whose body is a file. It is described afterwards: what huma
// knows of, it would read.
func fileOperation[I, O any](d *door, path, id, summary string, status int, f does[I, O], where func(*O) string) {
	o := operation(http.MethodPost, path, id, summary)
	o.DefaultStatus = status
	handle(d, o, f, where)
	file := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	form := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": file}, Required: []string{"file"}}
	d.api.OpenAPI().Paths[client.Root+path].Post.RequestBody = &huma.RequestBody{Required: true,
		Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: file}, "multipart/form-data": {Schema: form}}}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
