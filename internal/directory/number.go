package directory

import (
	"context"
	"slices"

	"muster/internal/mailaddr"
)

// Numberer gives generated addresses their numbers: the bare stem if it is
// free, else the lowest free number from 2. It remembers how far each stem has
// been given out, so that a thousand people of one name cost no more than a
// thousand of different names; what it forgets, it finds again.
type Numberer struct {
	taken func(context.Context, []string) (map[string]bool, error)
	next  map[string]int
	given map[string]bool // in the batch at hand, which taken does not know yet
}

const (
	rememberedStems = 20_000
	probe           = 64 // numbers looked up at once
)

// NewNumberer returns a numberer that asks taken which addresses are not free.
func NewNumberer(taken func(context.Context, []string) (map[string]bool, error)) *Numberer {
	return &Numberer{taken: taken, next: map[string]int{}}
}

// Number settles the addresses of the verdicts that still have a stem only.
func (n *Numberer) Number(ctx context.Context, verdicts []*Verdict) error {
	open := pending(verdicts)
	n.given = aliasesOf(verdicts)
	free, err := n.freeStems(ctx, open)
	if err != nil {
		return err
	}
	for _, v := range open {
		address := v.Stem
		if !free[address] || n.given[address] {
			if address, err = n.numbered(ctx, v.Stem); err != nil {
				return err
			}
		}
		n.given[address] = true
		v.settle(address)
	}
	return nil
}

// aliasesOf returns the keys of the aliases that the batch gives out.
func aliasesOf(verdicts []*Verdict) map[string]bool {
	given := map[string]bool{}
	for _, v := range verdicts {
		for _, c := range v.Changes {
			if c.Field != ChangeAlias {
				continue
			}
			if key, ok := addressKey(c.New); ok {
				given[key] = true
			}
		}
	}
	return given
}

func pending(verdicts []*Verdict) (open []*Verdict) {
	for _, v := range verdicts {
		if v.Stem != "" && v.Action == Create {
			open = append(open, v)
		}
	}
	return open
}

// freeStems tells which bare stems nobody has, in one look-up.
func (n *Numberer) freeStems(ctx context.Context, open []*Verdict) (map[string]bool, error) {
	free := map[string]bool{}
	var keys []string
	for _, v := range open {
		if n.next[v.Stem] == 0 && !free[v.Stem] {
			free[v.Stem] = true
			keys = append(keys, v.Stem)
		}
	}
	taken, err := n.taken(ctx, keys)
	for key := range taken {
		delete(free, key)
	}
	return free, err
}

// numbered returns the lowest free number of a stem that is taken itself.
func (n *Numberer) numbered(ctx context.Context, stem string) (string, error) {
	a, err := mailaddr.Parse(stem)
	if err != nil {
		return "", err
	}
	for from := max(2, n.next[stem]); ; from += probe {
		keys := make([]string, probe)
		for i := range keys {
			keys[i] = mailaddr.Address{Local: mailaddr.Numbered(a.Local, from+i), Domain: a.Domain}.String()
		}
		taken, err := n.taken(ctx, keys)
		if err != nil {
			return "", err
		}
		for i, key := range keys {
			if !taken[key] && !n.given[key] {
				n.remember(stem, from+i+1)
				return key, nil
			}
		}
	}
}

func (n *Numberer) remember(stem string, next int) {
	if len(n.next) >= rememberedStems {
		clear(n.next)
	}
	n.next[stem] = next
}

// settle gives the verdict its address, as the first of its changes.
func (v *Verdict) settle(address string) {
	v.Address = address
	v.Changes = slices.Insert(v.Changes, 0, Change{Field: specs[Address].Name, New: address})
}
