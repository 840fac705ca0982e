// Command lab runs everything that a newcomer needs around the product. See lab/doc.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

const interrupted = 130 // 128 + SIGINT, as shells have it

// run ends at the first Ctrl-C by closing what it started; a second Ctrl-C ends it at once, and the kernel takes the
// children along.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop)
	err := rootCommand().ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return interrupted
	}
	_, _ = fmt.Fprintln(os.Stderr, "lab:", err)
	return 1
}
