import { Anchor, Skeleton, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { api, read } from "@/api/client";
import { Empty, Page } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { useTrunks } from "@/api/trunks";
import classes from "./Preview.module.css";
import { TrunkSteps } from "./TrunkSteps";

/** A number goes in; what each trunk would dial comes out, rule by rule. */
export function DialPreviewPage() {
  const [params, setParams] = useSearchParams();
  const number = params.get("number") ?? "";
  const did = params.get("did") ?? "";
  const [asked] = useDebouncedValue({ number, did }, 150);
  const trunks = useTrunks();
  const preview = useQuery({
    queryKey: ["dial-preview", asked],
    enabled: asked.number !== "",
    queryFn: () =>
      read(
        api.POST("/api/admin/dial-preview", { body: { customer_number: asked.number, did: asked.did || undefined } }),
      ),
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
