package cli

import (
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

// progress lets the importer report to a new row of bars.
func (s *session) progress() *progress {
	p := &progress{}
	if isTerminal(s.process.Stderr) && s.core != nil {
		p.bars = mpb.New(mpb.WithOutput(s.process.Stderr), mpb.WithWidth(40), mpb.WithAutoRefresh())
		s.core.Importer.Report = p.report
	}
	return p
}

func (p *progress) report(at importer.Progress) {
	if at.Stage != p.stage {
		p.finish()
		p.stage, p.bar = at.Stage, p.bars.AddBar(at.Total, mpb.PrependDecorators(decor.Name(at.Stage+" ")), mpb.AppendDecorators(decorators(at.Stage)...))
	}
	p.bar.SetCurrent(at.Done)
}

// decorators tell how far a stage is. Planning reads bytes, the others rows.
func decorators(stage string) []decor.Decorator {
	speed := decor.AverageSpeed(0, " %.0f rows/s")
	if stage == "planning" {
		speed = decor.AverageSpeed(decor.SizeB1024(0), " % .1f")
	}
	return []decor.Decorator{decor.Percentage(), speed, decor.Name(", left "), decor.AverageETA(decor.ET_STYLE_GO)}
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
