import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { fieldErrors } from "@/components/fields";
import { ProblemAlert } from "@/components/ProblemAlert";
import { purposes, type Purpose } from "@/components/purposes";
import classes from "./Permission.module.css";
import { Verdict } from "./Verdict";

const anyPurpose = "";

/** May I call this number now? Asks the function that the dial asks; nothing is counted. */
export function Ask({ fallback }: { fallback: Purpose }) {
  const [number, setNumber] = useState("");
  const [purpose, setPurpose] = useState<Purpose | typeof anyPurpose>(anyPurpose);
  const [at, setAt] = useState("");
  const ask = useAction({
    run: (body: Schema<"PermissionQuestion">) => read(api.POST("/api/admin/permission/check", { body })),
    quiet: true,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (number.trim() === "") return;
    ask.mutate({
      customer_number: number.trim(),
      purpose: purpose === anyPurpose ? undefined : purpose,
      at: at === "" ? undefined : new Date(at).toISOString(),
    });
  };
  const said = fieldErrors(ask.error).customer_number;
  return (
    <Stack gap="md">
      <form onSubmit={submit}>
        <Group align="flex-start" gap="sm" className={classes.ask}>
          <TextInput
            label="Number"
            placeholder="9530251797"
            inputMode="tel"
            autoComplete="off"
            w={160}
            value={number}
            onChange={(e) => setNumber(e.currentTarget.value.slice(0, 128))}
            error={said && `It ${said}.`}
          />
          <Select
            label="Purpose"
            w={200}
            data={[{ value: anyPurpose, label: `Not told (${fallback})` }, ...purposes]}
            value={purpose}
            onChange={(v) => setPurpose((v ?? anyPurpose) as Purpose | typeof anyPurpose)}
          />
          <TextInput
            label="When"
            type="datetime-local"
            w={210}
            value={at}
            onChange={(e) => setAt(e.currentTarget.value)}
            title="Empty: now"
          />
          <Button type="submit" variant="default" loading={ask.isPending} className={classes.submit}>
            May it be called?
          </Button>
        </Group>
      </form>
      {ask.error && !said && <ProblemAlert error={ask.error} />}
      {ask.data && <Verdict permission={ask.data} />}
    </Stack>
  );
}
