package client

// Problem is an answer that is no success (RFC 9457, "Problem Details for HTTP APIs").
type Problem struct {
	Type       string  `json:"type" doc:"about:blank; the code tells the kind"`
	Title      string  `json:"title" doc:"the status in words"`
	Status     int     `json:"status"`
	Detail     string  `json:"detail" doc:"what is wrong, as people read it"`
	Code       string  `json:"code" doc:"stable name of the kind of problem; docs/codes.md lists all"`
	Suggestion string  `json:"suggestion" doc:"what to do about it"`
	Errors     []Issue `json:"errors" doc:"all that is wrong, each in its place"`
	Request    string  `json:"request" doc:"id of the request in the log of the server"`
}

// Error is what people read.
func (p *Problem) Error() string {
	if p.Suggestion == "" {
		return p.Detail
	}
	return p.Detail + " (" + p.Suggestion + ")"
}

// Issue is something wrong (error) or worth knowing (warning).
type Issue struct {
	Row        *int   `json:"row" doc:"1: the first data row; null: the whole file, or no file"`
	Line       *int   `json:"line" doc:"where the row begins in the file"`
	Column     string `json:"column" doc:"heading, letter or field"`
	Code       string `json:"code"`
	Severity   string `json:"severity" doc:"error or warning"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion"`
}
