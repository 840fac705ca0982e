import { Button, Group, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import classes from "./Permission.module.css";

/** Puts one number on a list, with its reason and how long it stays there. */
export function AddNumber({
  number,
  lists,
  onDone,
}: {
  number: string;
  lists: Schema<"DoNotCallList">[];
  onDone: () => void;
}) {
  const [list_id, setList] = useState(lists[0]?.list_id ?? "");
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const add = useAction({
    run: () =>
      api.POST("/api/admin/do-not-call/{list_id}/numbers", {
        params: { path: { list_id } },
        body: {
          numbers: [number],
          reason: reason.trim() || undefined,
          expires_at: until === "" ? undefined : new Date(until).toISOString(),
        },
      }),
    touches: ["/api/admin/do-not-call"],
    done: `Put on ${lists.find((l) => l.list_id === list_id)?.name ?? "the list"}.`,
    onDone,
  });
  return (
    <Group align="flex-end" gap="sm" className={classes.ask}>
      <Select
        label="List"
        w={200}
        data={lists.map((l) => ({ value: l.list_id, label: l.name }))}
        value={list_id}
        onChange={(v) => setList(v ?? "")}
      />
      <TextInput
        label="Reason"
        maxLength={128}
        placeholder="Asked by phone"
        value={reason}
        onChange={(e) => setReason(e.currentTarget.value)}
      />
      <TextInput
        label="Until"
        type="date"
        title="Empty: for good"
        value={until}
        onChange={(e) => setUntil(e.currentTarget.value)}
      />
      <Button variant="default" loading={add.isPending} onClick={() => add.mutate(undefined)}>
        Put on the list
      </Button>
    </Group>
  );
}
