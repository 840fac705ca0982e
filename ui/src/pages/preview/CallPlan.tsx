import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { useRoutes } from "@/api/routing";
import { useTrunks } from "@/api/trunks";
import { DataTable, type Column } from "@/components/DataTable";
import { Empty, Section, Sections } from "@/components/Page";
import { Verdict } from "@/pages/permission/Verdict";
import { matchWords, tiersOf, trunksWords } from "@/pages/routes/words";

type Attempt = Schema<"PreviewAttempt">;

/** How a call to the number would go: may it be made, which route takes it, through which trunks, and as whom. */
export function CallPlan({ preview }: { preview: Schema<"DialPreview"> }) {
  const { permission, attempts } = preview;
  if (!permission) return null; // the number is wrong, which stands at the number
  const columns: Column<Attempt>[] = [
    { name: "Attempt", cell: (a) => attempts.indexOf(a) + 1, width: "84px" },
    {
      name: "Trunk",
      cell: (a) => (
        <Anchor component={Link} to={`/trunks/${encodeURIComponent(a.trunk_id)}`}>
          {a.label}
        </Anchor>
      ),
    },
    { name: "We dial", cell: (a) => a.dialed ?? "nothing" },
    { name: "The customer sees", cell: (a) => a.did ?? "–" },
  ];
  return (
    <Sections>
      <Section title="May it be called?">
        <Verdict permission={permission} />
      </Section>
      <Section title="Which way it would go" sentence={<RouteSentence preview={preview} />}>
        <DataTable
          label="Attempts in order"
          columns={columns}
          rows={attempts}
          keyOf={(a) => a.trunk_id}
          empty={<Empty title="No trunk is enabled">Every call is refused with no_trunk until one is.</Empty>}
        />
      </Section>
    </Sections>
  );
}

/** The route that takes the call, and that its trunks are drawn by weight where they are. */
function RouteSentence({ preview: { route, attempts } }: { preview: Schema<"DialPreview"> }) {
  const trunks = useTrunks().data ?? [];
  const taken = useRoutes().data?.find((r) => r.route_id === route?.route_id);
  const labelOf = (id: string) => trunks.find((t) => t.trunk_id === id)?.label ?? id;
  const next = attempts.length > 1 ? " The next trunk is tried only when it is certain that no phone rang." : "";
  if (!route)
    return (
      <>
        No{" "}
        <Anchor component={Link} to="/routes" underline="always">
          route
        </Anchor>{" "}
        takes it: the default trunk, then the others in their order.{next}
      </>
    );
  return (
    <>
      Route{" "}
      <Anchor component={Link} to={`/routes/${route.route_id}`} underline="always">
        {route.name}
      </Anchor>
      {taken && ` (${matchWords(taken.match)})`}.
      {taken &&
        tiersOf(taken.trunks).some((t) => t.trunks.length > 1) &&
        ` Drawn by weight, ${trunksWords(taken.trunks, labelOf)}: another call may go another way.`}
      {next}
    </>
  );
}
