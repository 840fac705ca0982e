import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useMay } from "@/app/session";
import { DataTable, type Column } from "@/components/DataTable";
import { Empty } from "@/components/Page";
import { ExactTime } from "@/components/Time";
import { formatNumber } from "@/format/locale";
import { DeleteList } from "./DeleteList";
import { ImportFile } from "./ImportFile";
import { ImportState } from "./ImportState";
import classes from "./Permission.module.css";
import { useDoNotCall } from "./useDoNotCall";

type List = Schema<"DoNotCallList">;

/** The lists, each with its latest import. */
export function DoNotCallLists() {
  const may = useMay("operator");
  const all = useDoNotCall();
  const latest = (l: List) => all.data?.imports.find((i) => i.list_id === l.list_id);
  const columns: Column<List>[] = [
    { name: "List", cell: (l) => <b>{l.name}</b> },
    { name: "Numbers", cell: (l) => formatNumber(l.numbers), align: "right", width: "110px" },
    { name: "Last import", cell: (l) => <ImportState latest={latest(l)} /> },
    { name: "Created", cell: (l) => <ExactTime at={l.created_at} day />, from: "desktop" },
  ];
  return (
    <Stack gap="md">
      <DataTable
        label="Do-not-call lists"
        columns={columns}
        rows={all.data?.lists}
        keyOf={(l) => l.list_id}
        error={all.error}
        retry={() => void all.refetch()}
        skeletons={2}
        actions={
          may
            ? (l) => (
                <Group gap={4} wrap="nowrap" justify="flex-end">
                  <ImportFile list={l} />
                  <DeleteList list={l} />
                </Group>
              )
            : undefined
        }
        empty={
          <Empty title="No lists yet">
            Create one, then import a CSV file: a number a line, and if you like a reason and a date on which it
            expires.
          </Empty>
        }
      />
      {may && <NewList />}
    </Stack>
  );
}

function NewList() {
  const [name, setName] = useState("");
  const create = useAction({
    run: (n: string) => read(api.POST("/api/admin/do-not-call", { body: { name: n } })),
    touches: ["/api/admin/do-not-call"],
    done: (l) => `List ${l.name} created.`,
    onDone: () => setName(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "") create.mutate(name.trim());
  };
  return (
    <form onSubmit={submit}>
      <Group gap="sm" className={classes.ask}>
        <TextInput
          aria-label="Name of the list"
          placeholder="Name of a new list"
          maxLength={128}
          w={220}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={create.isPending} disabled={name.trim() === ""}>
          Create list
        </Button>
      </Group>
    </form>
  );
}
