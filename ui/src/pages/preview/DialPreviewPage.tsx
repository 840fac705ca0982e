import { Anchor, Select, Skeleton, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { askWith } from "@/api/ask";
import type { Schema } from "@/api/client";
import { Empty, Page } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { purposes, type Purpose } from "@/components/purposes";
import { useTrunks } from "@/api/trunks";
import { CallPlan } from "./CallPlan";
import classes from "./Preview.module.css";
import { TrunkSteps } from "./TrunkSteps";

interface Inputs {
  number: string;
  did: string;
  purpose: Purpose | undefined;
  agent: string;
  at: string;
}

/** What the address says: every preview can be sent to a colleague. */
function inputsOf(params: URLSearchParams): Inputs {
  return {
    number: params.get("number") ?? "",
    did: params.get("did") ?? "",
    purpose: purposes.find((p) => p.value === params.get("purpose"))?.value,
    agent: params.get("agent") ?? "",
    at: params.get("at") ?? "",
  };
}

/** What is asked of the server; fields that are empty are left out. */
function questionOf({ number, did, purpose, agent, at }: Inputs): Schema<"DialPreviewRequest"> {
  const when = new Date(at);
  return {
    customer_number: number,
    did: did || undefined,
    purpose,
    agent_id: agent || undefined,
    at: Number.isNaN(when.getTime()) ? undefined : when.toISOString(),
  };
}

/** A number goes in; out comes whether and how it would be called, and what each trunk would dial, rule by rule. */
export function DialPreviewPage() {
  const [params, setParams] = useSearchParams();
  const { number, did, purpose, agent, at } = inputsOf(params);
  const [settled] = useDebouncedValue(params.toString(), 150);
  const asked = questionOf(inputsOf(new URLSearchParams(settled)));
  const trunks = useTrunks();
  const preview = useQuery({
    ...askWith("/api/admin/dial-preview", asked),
    enabled: asked.customer_number !== "",
    placeholderData: keepPreviousData,
  });
  const set = (name: string, value: string) => {
    setParams(
      (was) => {
        const next = new URLSearchParams(was);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  };
  const problem =
    number === "" ? undefined : preview.data?.problems.find((p) => p.field === "customer_number")?.message;
  return (
    <Page
      title="Dial preview"
      sentence="See the clean CRM-facing number and the internal dialed string a trunk would produce."
    >
      <div className={classes.inputs}>
        <label className={classes.number}>
          <span>Customer number, as the CRM sends it</span>
          <input
            value={number}
            onChange={(e) => set("number", e.currentTarget.value.slice(0, 128))}
            inputMode="tel"
            autoFocus
            placeholder="9530251797"
            autoComplete="off"
            spellCheck={false}
            aria-invalid={problem !== undefined}
            aria-describedby="number-problem"
          />
          <small id="number-problem" aria-live="polite">
            {problem ? `It ${problem}.` : number === "" ? "Ten digits. Nothing is dialed here." : " "}
          </small>
        </label>
        <TextInput
          label="Caller ID (did), if the CRM sends one"
          value={did}
          onChange={(e) => set("did", e.currentTarget.value.slice(0, 128))}
          placeholder="The trunk's default"
          w={260}
          error={preview.data?.problems.find((p) => p.field === "did")?.message}
        />
        <Select
          label="Purpose"
          w={190}
          data={[{ value: "", label: "Not told" }, ...purposes]}
          value={purpose ?? ""}
          onChange={(v) => set("purpose", v ?? "")}
        />
        <TextInput
          label="Agent"
          placeholder="Any"
          w={150}
          value={agent}
          onChange={(e) => set("agent", e.currentTarget.value.slice(0, 128))}
        />
        <TextInput
          label="When"
          type="datetime-local"
          title="Empty: now"
          w={210}
          value={at}
          onChange={(e) => set("at", e.currentTarget.value)}
        />
      </div>
      {preview.error && <ProblemAlert error={preview.error} />}
      {trunks.data?.length === 0 && (
        <Empty title="No trunks yet">
          A trunk is how calls leave.{" "}
          <Anchor component={Link} to="/trunks/new">
            Add one
          </Anchor>
          .
        </Empty>
      )}
      {number === "" && (trunks.data?.length ?? 0) > 0 && (
        <Text c="dimmed" mt="xl">
          Type a number: each rule takes it one step further, on every trunk at once, by the same code that dials.
        </Text>
      )}
      {number !== "" && preview.data && <CallPlan preview={preview.data} />}
      {number !== "" && (
        <div className={classes.trunks}>
          {preview.data ? (
            preview.data.trunks.map((t) => (
              <TrunkSteps key={t.trunk.trunk_id} preview={t} clean={preview.data.customer_number} />
            ))
          ) : (
            <Skeleton height={260} />
          )}
        </div>
      )}
    </Page>
  );
}
