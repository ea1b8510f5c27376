//go:build !linux

package store

// presence knows of nobody: whoever is not heard of is waited for.
type presence struct{}

func newPresence(string) (*presence, error)     { return &presence{}, nil }
func (*presence) begin(int64) error             { return nil }
func (*presence) end(int64)                     {}
func (*presence) here(int64) (here, known bool) { return false, false }
func (*presence) close() error                  { return nil }
