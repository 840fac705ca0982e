import { Alert, Button, Group } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "@/api/ask";
import { zone } from "@/format/time";
import { haveOwnIDs } from "./agents";

const week = 7 * 24 * 3_600_000;

/** Recommends one live call per agent where agents seem to have ids of their own. Who waves it off does not see it again in this browser. */
export function OneCallHint({ switchOn }: { switchOn: () => void }) {
  const [dismissed, setDismissed] = useLocalStorage({ key: "click2call-hint-one-call", defaultValue: false });
  const [range] = useState(() => {
    const now = Date.now();
    return { since: new Date(now - week).toISOString(), until: new Date(now).toISOString() };
  });
  const report = useQuery({
    ...ask("/api/admin/reports", { query: { ...range, tz: zone } }),
    enabled: !dismissed,
    refetchOnWindowFocus: false,
  });
  if (dismissed || !report.data || !haveOwnIDs(report.data.agents.map((a) => a.counts.calls))) return null;
  const many = report.data.agents_truncated ? "More than 200" : `${report.data.agents.length}`;
  return (
    <Alert
      color="blue"
      title="Your agents seem to have an id each"
      withCloseButton
      closeButtonLabel="Do not recommend it again"
      onClose={() => setDismissed(true)}
    >
      {many} of them made calls in the last seven days. One live call per agent keeps a second click from ringing a
      second customer.
      <Group mt="xs">
        <Button size="compact-sm" variant="default" onClick={switchOn}>
          Switch it on
        </Button>
      </Group>
    </Alert>
  );
}
