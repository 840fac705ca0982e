import { Link, useParams } from "react-router";
import { useTrunks } from "@/api/trunks";
import { FilterBar } from "@/components/FilterBar";
import { useFilters } from "@/components/filters";
import { Page } from "@/components/Page";
import { zone } from "@/format/time";
import { Body } from "./Body";
import { Range } from "./ReportsPage";
import { useScope } from "./useScope";

/** An agent's week, as a page that can be sent. */
export function AgentWeekPage() {
  const { agentID = "" } = useParams();
  return <Week title={`Agent ${agentID}`} fixed={{ agent_id: agentID }} sentence="What this agent's calls came to" />;
}

/** A trunk's week, as a page that can be sent. */
export function TrunkWeekPage() {
  const { trunkID = "" } = useParams();
  const label = useTrunks().data?.find((t) => t.trunk_id === trunkID)?.label;
  return (
    <Week
      title={`Trunk ${label ?? trunkID}`}
      fixed={{ trunk_id: trunkID }}
      sentence={
        <>
          What the calls by <Link to={`/trunks/${encodeURIComponent(trunkID)}`}>this trunk</Link> came to
        </>
      }
    />
  );
}

interface Props {
  title: string;
  fixed: { trunk_id?: string; agent_id?: string };
  sentence: React.ReactNode;
}

function Week({ title, fixed, sentence }: Props) {
  const filters = useFilters(["since", "until", "range"]);
  const { scope, range, nameOfBefore } = useScope(filters.get, fixed);
  return (
    <Page
      title={title}
      sentence={
        <>
          {sentence}, in {zone.replace("_", " ")}. <Link to="/reports">All reports</Link>
        </>
      }
    >
      <FilterBar filters={filters}>
        <Range filters={filters} range={range} scope={scope} />
      </FilterBar>
      <Body
        scope={scope}
        nameOfBefore={nameOfBefore}
        empty="Choose another range; the name in the address must be right, too."
      />
    </Page>
  );
}
