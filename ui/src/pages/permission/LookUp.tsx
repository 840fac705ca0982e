import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useMay } from "@/app/session";
import { DataTable, type Column } from "@/components/DataTable";
import { fieldErrors } from "@/components/fields";
import { ProblemAlert } from "@/components/ProblemAlert";
import { ExactTime } from "@/components/Time";
import { count } from "@/format/text";
import classes from "./Permission.module.css";
import { useDoNotCall } from "./useDoNotCall";
import { AddNumber } from "./AddNumber";

type Entry = Schema<"DoNotCallEntry">;

/** Looks one number up in all lists, takes it off a list, or puts it on one. */
export function LookUp() {
  const may = useMay("operator");
  const lists = useDoNotCall().data?.lists ?? [];
  const [number, setNumber] = useState("");
  const [asked, setAsked] = useState("");
  const find = useAction({
    run: (customer_number: string) => read(api.POST("/api/admin/do-not-call/lookup", { body: { customer_number } })),
    quiet: true,
    onDone: (_, n) => setAsked(n),
  });
  const take = useAction({
    run: (e: Entry) =>
      read(
        api.POST("/api/admin/do-not-call/{list_id}/removals", {
          params: { path: { list_id: e.list_id } },
          body: { numbers: [asked] },
        }),
      ),
    touches: ["/api/admin/do-not-call"],
    done: (_, e) => `Taken off ${e.list}.`,
    onDone: () => find.mutate(asked),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (number.trim() !== "") find.mutate(number.trim());
  };
  const said = fieldErrors(find.error).customer_number;
  const columns: Column<Entry>[] = [
    { name: "List", cell: (e) => e.list },
    { name: "Reason", cell: (e) => e.reason || "–" },
    { name: "Since", cell: (e) => <ExactTime at={e.added_at} day />, from: "tablet" },
    { name: "Until", cell: (e) => (e.expires_at ? <ExactTime at={e.expires_at} day /> : "for good"), from: "tablet" },
  ];
  return (
    <Stack gap="md">
      <form onSubmit={submit}>
        <Group align="flex-start" gap="sm" className={classes.ask}>
          <TextInput
            aria-label="Number to look up"
            placeholder="9530251797"
            inputMode="tel"
            autoComplete="off"
            w={220}
            value={number}
            onChange={(e) => setNumber(e.currentTarget.value.slice(0, 128))}
            error={said && `It ${said}.`}
          />
          <Button type="submit" variant="default" loading={find.isPending}>
            Look up
          </Button>
        </Group>
      </form>
      {find.error && !said && <ProblemAlert error={find.error} />}
      {find.data && (
        <>
          <Text size="sm">
            {find.data.entries.length === 0
              ? "It is on no list"
              : `It is on ${count(find.data.entries.length, "list")}`}
            ; dialed {count(find.data.dialed_day, "time")} in the last 24 hours, {find.data.dialed_week} in the last 7
            days.
          </Text>
          {find.data.entries.length > 0 && (
            <DataTable
              label="Lists that the number is on"
              columns={columns}
              rows={find.data.entries}
              keyOf={(e) => e.list_id}
              empty={null}
              actions={
                may
                  ? (e) => (
                      <Button
                        size="compact-sm"
                        variant="light"
                        color="red"
                        loading={take.isPending}
                        onClick={() => take.mutate(e)}
                      >
                        Take off
                      </Button>
                    )
                  : undefined
              }
            />
          )}
          {may && lists.length > 0 && (
            <AddNumber key={asked} number={asked} lists={lists} onDone={() => find.mutate(asked)} />
          )}
        </>
      )}
    </Stack>
  );
}
