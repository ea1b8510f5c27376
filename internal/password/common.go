package password

import (
	"sync"

	"github.com/trustelem/zxcvbn/frequency"
)

// commonPasswords is the list of 30,000 that zxcvbn ships, as a set; all of
// it is lower case.
var commonPasswords = sync.OnceValue(func() map[string]struct{} {
	list := frequency.FrequencyLists["passwords"]
	set := make(map[string]struct{}, len(list))
	for _, pw := range list {
		set[pw] = struct{}{}
	}
	return set
})

func isCommon(pw string) bool {
	_, found := commonPasswords()[fold(pw)]
	return found
}
