package cli

import (
	"fmt"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"muster/internal/importer"
)

// progress shows a bar for each stage of long work, with rate and time left,
// where a person watches standard error.
type progress struct {
	bars  *mpb.Progress
	bar   *mpb.Bar
	stage string
}

// progress makes a new row of bars, to which the importer reports once it is open.
func (s *session) progress() *progress {
	p := &progress{}
	if !isTerminal(s.process.Stderr) {
		return p
	}
	p.bars = mpb.New(mpb.WithOutput(s.process.Stderr), mpb.WithWidth(40), mpb.WithAutoRefresh())
	if s.core != nil {
		s.core.Importer.Report = p.report
	}
	return p
}

func (p *progress) report(at importer.Progress) {
	if at.Stage != p.stage {
		p.finish()
		p.stage = at.Stage
		p.bar = p.bars.AddBar(at.Total, mpb.PrependDecorators(decor.Name(at.Stage+" ")),
			mpb.AppendDecorators(decor.Percentage(), speed(at, time.Now())))
	}
	p.bar.SetCurrent(at.Done)
}

// speed tells how fast a stage goes and how much time it has left. It counts
// from the first report: what an interrupted import had done before took none
// of this time.
func speed(first importer.Progress, began time.Time) decor.Decorator {
	return decor.Any(func(now decor.Statistics) string {
		return speedText(first.Stage, now.Current-first.Done, now.Total-now.Current, time.Since(began))
	})
}

// speedText is blank until something was done. Planning reads bytes, the other
// stages rows.
func speedText(stage string, done, left int64, took time.Duration) string {
	if done <= 0 || took <= 0 {
		return ""
	}
	rate := float64(done) / took.Seconds()
	rest := time.Duration(float64(left) / rate * float64(time.Second)).Round(time.Second)
	if stage == "planning" {
		return fmt.Sprintf(" % .1f/s, left %s", decor.SizeB1024(rate), rest)
	}
	return fmt.Sprintf(" %.0f rows/s, left %s", rate, rest)
}

// finish ends the bar of a stage, whether or not it came to its end.
func (p *progress) finish() {
	if p.bar != nil && !p.bar.Completed() {
		p.bar.Abort(false)
	}
	p.bar = nil
}

func (p *progress) stop() {
	if p.bars != nil {
		p.finish()
		p.bars.Wait()
	}
}
