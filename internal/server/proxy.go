package server

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ForwardedFor and Forwarded are the headers in which proxies tell for whom they ask.
const (
	ForwardedFor = "X-Forwarded-For"
	Forwarded    = "Forwarded" // RFC 7239
)

// proxies are those whose headers are believed. Only one kind of header is: a proxy that
// writes one of them lets pass what its client has written into the other.
type proxies struct {
	networks []netip.Prefix
	header   string
}

func (p *proxies) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(p.networks, func(n netip.Prefix) bool { return n.Contains(a) })
}

// peer is the address at the other end of the connection, and whether it is a proxy.
func (p *proxies) peer(r *http.Request) (netip.Addr, bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	a := at.Addr().Unmap().WithZone("")
	return a, p.trusted(a)
}

// client is the last address that is not one of the proxies, going backwards from the
// peer. What stands before it, the client may have written itself.
func (p *proxies) client(r *http.Request, peer netip.Addr) netip.Addr {
	hops := p.hops(r.Header)
	for _, hop := range slices.Backward(hops) {
		a, ok := addressOf(hop)
		if !ok {
			return peer
		}
		if peer = a; !p.trusted(a) {
			break
		}
	}
	return peer
}

// hops are those for whom the proxies asked, the client first.
func (p *proxies) hops(h http.Header) (hops []string) {
	for part := range strings.SplitSeq(strings.Join(h.Values(p.header), ","), ",") {
		part = strings.TrimSpace(part)
		if p.header == Forwarded {
			part = forOf(part)
		}
		if part != "" {
			hops = append(hops, part)
		}
	}
	return hops
}

// forOf is the node after "for=" of an element (RFC 7239 section 4).
func forOf(element string) string {
	for pair := range strings.SplitSeq(element, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if strings.EqualFold(name, "for") {
			return strings.Trim(value, `"`)
		}
	}
	return "unknown"
}

// addressOf reads an address with or without a port; one of IPv6 with a port stands in
// brackets.
func addressOf(text string) (netip.Addr, bool) {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap().WithZone(""), err == nil
}
