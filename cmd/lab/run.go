package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/click2call/click2call/lab/demo"
	"github.com/click2call/click2call/lab/servers"
	"github.com/click2call/click2call/lab/world"
)

var errWrong = errors.New("the demonstration call went wrong")

func runCommand() *cobra.Command {
	var pair bool
	cmd := &cobra.Command{
		Use: "run", Short: "Start everything and the product, and make one demonstration call", Args: cobra.NoArgs,
		Long: "Starts the real servers, the carrier, the CRM and the product, and makes one demonstration call.\n" +
			"With ONCE=1 it exits after the call: 0 only if all of it was right.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			return withWorld(cmd.Context(), out, world.Options{Product: withProduct, Pair: pair}, func(ctx context.Context, w *world.World, _ servers.Ports) error {
				err := demonstrate(ctx, out, w)
				if os.Getenv("ONCE") == "1" || ctx.Err() != nil {
					return err
				}
				if err != nil {
					_, _ = fmt.Fprintln(out, "\nlab:", err) // it stays up all the same, so that one can look why
				}
				printWhereToLook(out, w)
				return stayUp(ctx, out, w)
			})
		},
	}
	addPair(cmd, &pair)
	return cmd
}

func addPair(cmd *cobra.Command, pair *bool) {
	cmd.Flags().BoolVar(pair, "pair", false, "two LiveKit servers and two SIP services on one Redis, behind a balancer")
}

func demonstrate(ctx context.Context, out io.Writer, w *world.World) error {
	_, _ = fmt.Fprintln(out, "\nmaking a demonstration call")
	result, err := demo.Run(ctx, w)
	if err != nil {
		return fmt.Errorf("make the demonstration call: %w (log %s)%s", err, w.Product.LogFile(), w.Product.Tail(10))
	}
	demo.Print(out, result)
	wrong := demo.Check(result)
	demo.PrintVerdict(out, wrong)
	_, _ = fmt.Fprintln(out, "in Temporal Web:", demo.TemporalURL(w, result.Placed.CallID))
	if len(wrong) > 0 {
		return errWrong
	}
	return nil
}

func printWhereToLook(out io.Writer, w *world.World) {
	p := func(what, where string) { _, _ = fmt.Fprintf(out, "  %-14s %s\n", what, where) }
	_, _ = fmt.Fprintln(out, "\nwhere to look")
	p("console", w.ProductURL())
	p("password", w.Secrets.AdminPassword)
	p("Temporal Web", w.Servers.TemporalUI())
	p("CRM received", w.CRM.ReceivedURL())
	p("carrier", w.Carrier.HTTPURL()+"/calls")
	p("CRM's X-api-key", w.Secrets.InboundKey)
	p("logs", w.Dir()+"/logs")
}
