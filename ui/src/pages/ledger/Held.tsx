import { Alert, Button } from "@mantine/core";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useMay } from "@/app/session";
import { RelativeTime } from "@/components/Time";
import { count } from "@/format/text";

/** Too many calls seem to have lost their workflow: nobody is hung up on before an operator says so. */
export function Held({ held }: { held: Schema<"LedgerBrake"> }) {
  const may = useMay("operator");
  const release = useAction({
    run: () => read(api.POST("/api/admin/ledger/release")),
    touches: ["/api/admin/ledger"],
    done: () => "The next check ends them, within five minutes.",
  });
  const released = held.released_until !== null && new Date(held.released_until) > new Date();
  return (
    <Alert
      color="red"
      role="alert"
      title={`${count(held.gone, "call")} of ${held.live.toLocaleString("en")} seem to have no workflow`}
    >
      <p>
        Since <RelativeTime at={held.since} />. That many are rather seen wrongly than gone, so none of them was ended.
        Look first whether they run in Temporal; see “Click2callLedgerHeld” in docs/operations.md.
      </p>
      {released ? (
        <p>{held.released_by} lets the ledger end them. The next check is at most five minutes away.</p>
      ) : (
        may && (
          <Button color="red" loading={release.isPending} onClick={() => release.mutate(undefined)}>
            They are gone: end them
          </Button>
        )
      )}
    </Alert>
  );
}
