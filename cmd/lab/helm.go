package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/click2call/click2call/lab/cluster"
	"github.com/click2call/click2call/lab/setup"
	"github.com/click2call/click2call/lab/world"
)

func helmCommand() *cobra.Command {
	return &cobra.Command{
		Use: "helm", Short: "Put the Helm chart to a real Kubernetes API server: install, upgrade, roll back, refuse", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			s, err := newSetup(cmd.OutOrStdout())
			if err != nil {
				return err
			}
			o := cluster.Options{Root: s.Root, Dir: filepath.Join(s.Root, ".lab", "cluster"), Out: cmd.OutOrStdout()}
			release, err := world.Lock(filepath.Join(s.Root, ".lab", "cluster.lock"))
			if err != nil {
				return err
			}
			defer release()
			for _, t := range []struct {
				tool setup.Tool
				path *string
			}{{setup.Etcd, &o.Programs.Etcd}, {setup.KubeAPIServer, &o.Programs.APIServer}, {setup.Helm, &o.Programs.Helm}} {
				if *t.path, err = s.Tool(ctx, t.tool); err != nil {
					return err
				}
			}
			return cluster.Prove(ctx, o)
		},
	}
}
