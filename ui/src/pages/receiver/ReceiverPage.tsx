import { Alert, Anchor } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { useLocation } from "react-router";
import { apiOfReceiver, read, type Schema } from "@/api/client";
import { Mark } from "@/app/Mark";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Page } from "@/components/Page";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { TrialBench } from "../endpoint/Bench";
import { lookOf } from "../endpoint/endpoints";
import type { RunTrial } from "../endpoint/useTrials";
import { Link, tokenOf, useLink } from "./link";
import { ReceiverDeliveries } from "./ReceiverDeliveries";
import { ReceiverSecrets } from "./ReceiverSecrets";
import classes from "./Receiver.module.css";

/** What a receiver's developer sees by a link, without a login: one endpoint. */
export function ReceiverPage() {
  useDocumentTitle("Your webhook · Click2Call");
  const token = tokenOf(useLocation().hash);
  const api = useMemo(() => apiOfReceiver(token), [token]);
  return (
    <>
      <header className={classes.top}>
        <Mark /> Click2Call
        <Anchor href="/integration" size="sm" ml="auto">
          Integration guide
        </Anchor>
      </header>
      <main id="main">
        {token ? (
          <Link value={api}>
            <Content key={token} token={token} />
          </Link>
        ) : (
          <Page
            title="This link is incomplete"
            sentence="Copy all of it, with what stands behind the #, and open it again."
          />
        )}
      </main>
    </>
  );
}

function Content({ token }: { token: string }) {
  const api = useLink();
  const receiver = useQuery({
    queryKey: ["/api/admin/receiver", token],
    queryFn: ({ signal }) => read(api.GET("/api/admin/receiver", { signal })),
    refetchInterval: 15_000,
  });
  if (!receiver.data) {
    return (
      <Page title="Your webhook">
        {receiver.error && <ProblemAlert error={receiver.error} retry={() => void receiver.refetch()} />}
      </Page>
    );
  }
  const { endpoint, link } = receiver.data;
  return (
    <Page
      title="Your webhook"
      heading={<Heading endpoint={endpoint} />}
      sentence={<code className={classes.url}>{endpoint.url}</code>}
    >
      {receiver.error && <ProblemAlert error={receiver.error} retry={() => void receiver.refetch()} />}
      <p className={classes.until}>
        This link is for {link.name}; whoever has it can use it. It expires <RelativeTime at={link.expires_at} />
      </p>
      {endpoint.health.reason && (
        <Alert color="red" title="The latest attempt failed" mb="lg">
          {endpoint.health.reason}
        </Alert>
      )}
      <ReceiverDeliveries token={token} />
      <ReceiverSecrets endpoint={endpoint} token={token} />
      <Trials token={token} />
    </Page>
  );
}

function Heading({ endpoint }: { endpoint: Schema<"Endpoint"> }) {
  const look = lookOf(endpoint);
  return (
    <>
      Your webhook <StatusBadge state={look.state} word={look.word} />
    </>
  );
}

function Trials({ token }: { token: string }) {
  const api = useLink();
  const trials = useQuery({
    queryKey: ["/api/admin/receiver/trials", token],
    queryFn: ({ signal }) => read(api.GET("/api/admin/receiver/trials", { signal })),
    select: (answer) => answer.trials,
    staleTime: Infinity,
  });
  const runOne = useCallback<RunTrial>(
    (trial, signal) => read(api.POST("/api/admin/receiver/trials/{trial}", { params: { path: { trial } }, signal })),
    [api],
  );
  return <TrialBench trials={trials} runOne={runOne} may />;
}
