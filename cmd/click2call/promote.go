package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/worker"
)

const (
	// deploymentName is the worker deployment of every worker of an installation.
	deploymentName = "click2call"
	// promoteWithin bounds the wait for the build's workers to be seen by Temporal.
	promoteWithin = time.Minute
)

// deployment are the workers' options for a build; without a build versioning is off.
func deployment(version worker.WorkerDeploymentVersion) worker.DeploymentOptions {
	if version.BuildID == "" {
		return worker.DeploymentOptions{}
	}
	return worker.DeploymentOptions{UseVersioning: true, Version: version}
}

// buildOf is the build that this process's workers belong to: CLICK2CALL_BUILD_ID, own. On Kubernetes, Temporal's Worker Controller
// names it in variables of its own, the deployment with it, and it wins: it promotes what it named, so that any other name would
// never get a call.
func buildOf(own string, lookup envconfig.EnvLookup) worker.WorkerDeploymentVersion {
	name, _ := lookup.LookupEnv("TEMPORAL_DEPLOYMENT_NAME")
	build, _ := lookup.LookupEnv("TEMPORAL_WORKER_BUILD_ID")
	if name != "" && build != "" {
		return worker.WorkerDeploymentVersion{DeploymentName: name, BuildID: build}
	}
	return worker.WorkerDeploymentVersion{DeploymentName: deploymentName, BuildID: own}
}

func promoteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "promote <build id>",
		Short: "Give new calls to the workers that run with this CLICK2CALL_BUILD_ID",
		Long: "Makes a build current in Temporal's worker versioning: new calls, and all that is not a call, go to its workers. Calls\n" +
			"that began on another build stay there; stop that build's workers when Temporal shows it as drained.\n" +
			"It waits up to a minute for the build's workers to come up. Asking again changes nothing.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, _, err := dialTemporal(zerolog.Nop(), func(*client.Options) error { return nil })
			if err != nil {
				return err
			}
			defer c.Close()
			if err := promote(cmd.Context(), c, args[0]); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "new calls go to build %s\n", args[0])
			return err
		},
	}
}

// promote tries again while Temporal has not seen the build's workers on both task queues yet.
func promote(ctx context.Context, c client.Client, buildID string) error {
	ctx, cancel := context.WithTimeout(ctx, promoteWithin)
	defer cancel()
	handle := c.WorkerDeploymentClient().GetHandle(deploymentName)
	for {
		_, err := handle.SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: buildID})
		var notYet *serviceerror.FailedPrecondition
		var unknown *serviceerror.NotFound
		if err == nil || !errors.As(err, &notYet) && !errors.As(err, &unknown) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("promote build %s: start its workers with CLICK2CALL_BUILD_ID=%s first: %w", buildID, buildID, err)
		case <-time.After(time.Second):
		}
	}
}
