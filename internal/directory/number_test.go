package directory_test

import (
	"context"
	"fmt"
	"testing"

	"muster/internal/directory"
)

// TestNamesakesAreLookedUpTogether: a batch costs one look-up for the bare
// addresses and one for all numbers, however many namesakes there are.
func TestNamesakesAreLookedUpTogether(t *testing.T) {
	const people, names = 300, 100
	given, asked := map[string]bool{}, 0
	n := directory.NewNumberer(func(_ context.Context, keys []string) (map[string]bool, error) {
		asked++
		taken := map[string]bool{}
		for _, key := range keys {
			taken[key] = given[key]
		}
		return taken, nil
	})
	for batch := range 3 {
		asked = 0
		var verdicts []*directory.Verdict
		for i := range people {
			verdicts = append(verdicts, &directory.Verdict{Action: directory.Create, Stem: fmt.Sprintf("name.%c%c@example.org", 'a'+i%names/10, 'a'+i%10)})
		}
		if err := n.Number(context.Background(), verdicts); err != nil {
			t.Fatal(err)
		}
		for _, v := range verdicts {
			if given[v.Address] {
				t.Errorf("%s was given out twice", v.Address)
			}
			given[v.Address] = true
		}
		if asked > 2 {
			t.Errorf("batch %d: asked %d times", batch, asked)
		}
	}
	if last := "name.aa" + "9@example.org"; len(given) != 3*people || !given[last] {
		t.Errorf("%d addresses were given; %s: %t", len(given), last, given[last])
	}
}
