import { Button, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconRotate2 } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { read, type Schema } from "@/api/client";
import { Confirm } from "@/components/Confirm";
import { DataTable } from "@/components/DataTable";
import { Section } from "@/components/Page";
import { SecretOnce } from "@/components/SecretOnce";
import { overlaps, secretColumns } from "../endpoint/Secrets";
import { useLink } from "./link";

/** The secrets that sign, and a new one. By a link none can be stopped at once: another's receiver may need it. */
export function ReceiverSecrets({ endpoint, token }: { endpoint: Schema<"Endpoint">; token: string }) {
  const api = useLink();
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const [overlap, setOverlap] = useState("86400");
  const rotate = useMutation({
    mutationFn: () => read(api.POST("/api/admin/receiver/secrets", { body: { overlap_seconds: Number(overlap) } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["/api/admin/receiver", token] });
      close();
    },
  });
  return (
    <Section
      id="signing-secrets"
      title="Signing secrets"
      sentence="Each webhook is signed with all of these, as Standard Webhooks has it. You need one of them."
      action={
        <Button variant="default" leftSection={<IconRotate2 size={16} />} onClick={open}>
          Rotate
        </Button>
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
      <Confirm
        opened={opened}
        close={close}
        title="Make a new signing secret?"
        verb="Make a new one"
        keep="Keep the old ones"
        onConfirm={() => rotate.mutate()}
        pending={rotate.isPending}
        error={rotate.error}
        harmless
      >
        It signs at once, beside the old ones, and is shown this once.
        <Select
          mt="md"
          label="The old ones go on to sign for"
          data={overlaps.filter((o) => o.value !== "0")}
          value={overlap}
          onChange={(v) => v && setOverlap(v)}
          allowDeselect={false}
        />
      </Confirm>
    </Section>
  );
}
