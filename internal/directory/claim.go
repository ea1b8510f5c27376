package directory

import "slices"

// Claims are the things of which each may stand only once in a file, and in two
// files that are planned at the same time: users, new addresses, local ids,
// e-mail accounts of one user.
func (v *Verdict) Claims(r *Record) (claims []string) {
	if v.User != nil {
		claims = append(claims, "user:"+v.ID.String())
	}
	for _, ch := range v.Changes {
		switch ch.Field {
		case specs[Address].Name, ChangeAlias:
			if key, ok := addressKey(ch.New); ok {
				claims = append(claims, AddressClaim(key))
			}
		case specs[LocalID].Name:
			if ch.New != "" {
				claims = append(claims, "local:"+v.OrgAfter()+"/"+fold(ch.New))
			}
		}
	}
	if key, ok := addressKey(r.Values[Address]); ok && v.User == nil && v.Action != Discard {
		claims = append(claims, AddressClaim(key))
	}
	if w := r.Account; w != nil && v.User != nil {
		key := AccountKey{w.Type, w.Address}
		claims = append(claims, "account:"+v.ID.String()+" "+w.Type+" "+key.Folded())
	}
	slices.Sort(claims)
	return slices.Compact(claims)
}

// AddressClaim is the claim of an address.
func AddressClaim(key string) string { return "address:" + key }

// OrgAfter is the organisation of the user once the changes are made.
func (v *Verdict) OrgAfter() string {
	org := ""
	if v.User != nil {
		org = v.User.Values[Org]
	}
	for _, ch := range v.Changes {
		if ch.Field == specs[Org].Name {
			org = ch.New
		}
	}
	return org
}
