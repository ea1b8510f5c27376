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
	known map[string]bool // what was asked for that batch: whether an address is taken
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
	n.given, n.known = aliasesOf(verdicts), map[string]bool{}
	free, err := n.freeStems(ctx, open)
	if err != nil {
		return err
	}
	if err := n.lookUp(ctx, n.likely(open, free)); err != nil {
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

// likely returns the numbered addresses that the batch will probably take: for
// each namesake the next number of their stem. They are looked up together.
func (n *Numberer) likely(open []*Verdict, free map[string]bool) (keys []string) {
	next := map[string]int{}
	for _, v := range open {
		at, seen := next[v.Stem]
		if !seen && free[v.Stem] {
			next[v.Stem] = max(2, n.next[v.Stem])
			continue
		}
		at = max(2, n.next[v.Stem], at)
		if a, err := mailaddr.Parse(v.Stem); err == nil {
			keys = append(keys, numberedKey(a, at))
		}
		next[v.Stem] = at + 1
	}
	return keys
}

func numberedKey(stem mailaddr.Address, number int) string {
	return mailaddr.Address{Local: mailaddr.Numbered(stem.Local, number), Domain: stem.Domain}.String()
}

func (n *Numberer) lookUp(ctx context.Context, keys []string) error {
	taken, err := n.taken(ctx, keys)
	for _, key := range keys {
		n.known[key] = taken[key]
	}
	return err
}

// numbered returns the lowest free number of a stem that is taken itself.
func (n *Numberer) numbered(ctx context.Context, stem string) (string, error) {
	a, err := mailaddr.Parse(stem)
	if err != nil {
		return "", err
	}
	for number := max(2, n.next[stem]); ; number++ {
		key := numberedKey(a, number)
		if _, known := n.known[key]; !known {
			if err := n.lookUp(ctx, following(a, number)); err != nil {
				return "", err
			}
		}
		if !n.known[key] && !n.given[key] {
			n.remember(stem, number+1)
			return key, nil
		}
	}
}

// following returns the addresses of a stem from a number on.
func following(stem mailaddr.Address, number int) []string {
	keys := make([]string, probe)
	for i := range keys {
		keys[i] = numberedKey(stem, number+i)
	}
	return keys
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
