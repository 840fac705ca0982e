import { Button } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { CopyButton } from "@/components/Ident";

type Revealed = Schema<"Revealed">;

/** Shows one call's number for as long as the page is open. The server writes it into the audit log first. */
export function useReveal(callID: string): UseMutationResult<Revealed, Error, void> {
  return useAction<void, Revealed>({
    run: () => read(api.POST("/api/admin/calls/{call_id}/reveal", { params: { path: { call_id: callID } } })),
  });
}

/** The customer's number, masked until somebody who may asks for it. */
export function Reveal({
  masked,
  reveal,
  may,
}: {
  masked: string;
  reveal: ReturnType<typeof useReveal>;
  may: boolean;
}) {
  if (reveal.data) {
    return (
      <span>
        {reveal.data.customer_number} <CopyButton value={reveal.data.customer_number} name="number" />
      </span>
    );
  }
  return (
    <span>
      {masked}{" "}
      {may && (
        <Button
          size="compact-xs"
          variant="subtle"
          loading={reveal.isPending}
          onClick={() => reveal.mutate()}
          title="It will be in the audit log"
        >
          Reveal
        </Button>
      )}
    </span>
  );
}
