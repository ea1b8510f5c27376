package importer_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

func rss() string {
	b, _ := os.ReadFile("/proc/self/status")
	out := ""
	for _, l := range strings.Split(string(b), "\n") {
		if strings.HasPrefix(l, "VmHWM") || strings.HasPrefix(l, "VmRSS") {
			out += strings.Join(strings.Fields(l), " ") + "; "
		}
	}
	return out
}

func TestZZMem(t *testing.T) {
	w := importertest.New(t)
	file := newcomers(200_000)
	fmt.Println("before", rss())
	s := time.Now()
	w.Importer.Report = func(p importer.Progress) {
		if time.Since(s) > 5*time.Second { s = time.Now(); fmt.Println(p, rss()) }
	}
	imp := w.Plan(file, importer.Options{Org: "RX1"})
	fmt.Println("planned", rss())
	w.Apply(imp)
	fmt.Println("applied", rss())
}
