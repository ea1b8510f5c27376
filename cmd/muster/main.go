// Command muster turns a spreadsheet of people into working mail accounts.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"muster/internal/app"
	"muster/internal/cli"
)

// version is set when a release is built.
var version = ""

func main() { os.Exit(run()) }

// patience is how long further signals are taken for the first one: whoever
// stops a group of processes may well send two.
const patience = time.Second

// run ends a command that is interrupted at the next border of a batch; another
// signal after that ends it at once.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { time.AfterFunc(patience, stop) })
	return app.Command(ctx, &cli.Process{Args: os.Args[1:], Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Version: versionText()})
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development"
}
