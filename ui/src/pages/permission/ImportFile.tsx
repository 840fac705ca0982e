import { Button, FileButton } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import type { Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { formatPercent } from "@/format/text";
import { formatNumber } from "@/format/locale";
import { upload } from "./upload";

/** Sends a CSV file to a list and says how far it is. The page may be left once it is sent. */
export function ImportFile({ list }: { list: Schema<"DoNotCallList"> }) {
  const [sent, setSent] = useState<number | null>(null);
  const send = useAction({
    run: async (file: File) => {
      setSent(0);
      return upload(list.list_id, file, setSent).finally(() => setSent(null));
    },
    touches: ["/api/admin/do-not-call", "/api/admin/dial-preview"],
    done: (i) =>
      `${formatNumber(i.taken)} numbers imported into ${list.name}` +
      (i.refused > 0 ? `; ${formatNumber(i.refused)} lines were left out.` : "."),
  });
  return (
    <FileButton accept=".csv,text/csv,text/plain" onChange={(file) => file && send.mutate(file)}>
      {(props) => (
        <Button
          {...props}
          size="compact-sm"
          variant="default"
          leftSection={<IconUpload size={14} />}
          disabled={sent !== null}
        >
          {sent === null ? "Import CSV" : sent < 1 ? `Sending ${formatPercent(sent, 1)}` : "Reading…"}
        </Button>
      )}
    </FileButton>
  );
}
