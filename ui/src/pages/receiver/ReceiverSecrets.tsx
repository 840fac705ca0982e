import { useMutation, useQueryClient } from "@tanstack/react-query";
import { read, type Schema } from "@/api/client";
import { DataTable } from "@/components/DataTable";
import { Section } from "@/components/Page";
import { RotateButton } from "@/components/RotateButton";
import { SecretOnce } from "@/components/SecretOnce";
import { secretColumns } from "../endpoint/Secrets";
import { useLink } from "./link";

/** The secrets that sign, and a new one. By a link none can be stopped at once: another's receiver may need it. */
export function ReceiverSecrets({ endpoint, token }: { endpoint: Schema<"Endpoint">; token: string }) {
  const api = useLink();
  const client = useQueryClient();
  const rotate = useMutation({
    mutationFn: (overlapSeconds: number) =>
      read(api.POST("/api/admin/receiver/secrets", { body: { overlap_seconds: overlapSeconds } })),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["/api/admin/receiver", token] }),
  });
  return (
    <Section
      id="signing-secrets"
      title="Signing secrets"
      sentence="Each webhook is signed with all of these, as Standard Webhooks has it. You need one of them."
      action={
        <RotateButton
          onRotate={(overlapSeconds, done) => rotate.mutate(overlapSeconds, { onSuccess: done })}
          pending={rotate.isPending}
          error={rotate.error}
        />
      }
    >
      {rotate.data && (
        <SecretOnce title="The new signing secret" secret={rotate.data.secret}>
          It signs from now on. Put it into your receiver while the old one still signs.
        </SecretOnce>
      )}
      <DataTable
        label="Signing secrets"
        columns={secretColumns}
        rows={endpoint.secrets}
        keyOf={(s) => s.secret_id}
        empty={null}
      />
    </Section>
  );
}
