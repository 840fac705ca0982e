import { Button, SegmentedControl, Skeleton } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { read, type Schema } from "@/api/client";
import { Empty, Section } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { AttemptList } from "../delivery/AttemptList";
import { AttemptView } from "../delivery/AttemptView";
import delivery from "../delivery/Delivery.module.css";
import { useLink } from "./link";
import classes from "./Receiver.module.css";

type Delivery = Schema<"DeliverySummary">;
type State = "" | "waiting" | "dead" | "delivered";

const states: { value: State; label: string }[] = [
  { value: "", label: "All" },
  { value: "waiting", label: "Waiting" },
  { value: "dead", label: "Failed" },
  { value: "delivered", label: "Delivered" },
];

const listPath = "/api/admin/receiver/deliveries";
const onePath = "/api/admin/receiver/deliveries/{event_id}";

/** The endpoint's deliveries, newest first. Each opens in its place. */
export function ReceiverDeliveries({ token }: { token: string }) {
  const api = useLink();
  const [state, setState] = useState<State>("");
  const list = useInfiniteQuery({
    queryKey: [listPath, token, state],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET(listPath, { params: { query: { state: state || undefined, limit: 25, cursor: pageParam } }, signal }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => (data && data.pages.length > 1 ? false : 5_000),
  });
  const rows = list.data?.pages.flatMap((p) => p.deliveries);
  return (
    <Section
      id="deliveries"
      title="Deliveries"
      sentence="Each call's outcome, with what was sent and what came back. Customers' numbers are masked here."
    >
      <SegmentedControl
        size="xs"
        mb="sm"
        aria-label="Which deliveries"
        data={states}
        value={state}
        onChange={(v) => setState(states.find((s) => s.value === v)?.value ?? "")}
      />
      {list.error && <ProblemAlert error={list.error} retry={() => void list.refetch()} />}
      {!rows && !list.error && <Skeleton height={200} />}
      {rows?.length === 0 && <Empty title="None">Outcomes appear here when calls end.</Empty>}
      <ul className={classes.deliveries}>
        {rows?.map((d) => (
          <Row key={d.event_id} summary={d} token={token} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Older ones
        </Button>
      )}
    </Section>
  );
}

function Row({ summary: d, token }: { summary: Delivery; token: string }) {
  const [opened, setOpened] = useState(false);
  return (
    <li>
      <details onToggle={(e) => setOpened(e.currentTarget.open)}>
        <summary>
          <StatusBadge state={d.state} />
          <span className={classes.what}>
            {d.call_status && <StatusBadge state={d.call_status} quiet />} {d.case_id}
          </span>
          <span className={classes.code}>{d.last_status ?? "–"}</span>
          <span className={classes.when}>
            <RelativeTime at={d.created_at} short />
          </span>
        </summary>
        {opened && <Detail eventID={d.event_id} token={token} />}
      </details>
    </li>
  );
}

function Detail({ eventID, token }: { eventID: string; token: string }) {
  const api = useLink();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<number | null>(null);
  const [awaited, setAwaited] = useState<number | null>(null); // it was sent again: more attempts than these are awaited
  const path = { event_id: eventID };
  const detail = useQuery({
    queryKey: [onePath, token, eventID],
    queryFn: ({ signal }) => read(api.GET(onePath, { params: { path }, signal })),
    refetchInterval: ({ state: { data } }) =>
      data && (data.delivery.state !== "delivered" || data.attempts.length === awaited) ? 2_000 : false,
  });
  const resend = useMutation({
    mutationFn: () => api.POST("/api/admin/receiver/deliveries/{event_id}/resend", { params: { path } }),
    onSuccess: () => {
      setChosen(null);
      setAwaited(detail.data?.attempts.length ?? null);
      void client.invalidateQueries({ queryKey: [onePath, token, eventID] });
    },
  });
  if (!detail.data) {
    return detail.error ? (
      <ProblemAlert error={detail.error} retry={() => void detail.refetch()} />
    ) : (
      <Skeleton height={200} />
    );
  }
  const { attempts, delivery: d } = detail.data;
  const index = chosen ?? attempts.length - 1;
  const attempt = attempts[index];
  return (
    <div className={classes.detail}>
      <p className={classes.event}>
        <code>{d.event_id}</code>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconRefresh size={14} />}
          loading={resend.isPending || attempts.length === awaited}
          onClick={() => resend.mutate()}
        >
          Send it again
        </Button>
      </p>
      {resend.error && <ProblemAlert error={resend.error} />}
      {attempt ? (
        <div className={delivery.columns}>
          <AttemptList attempts={attempts} chosen={index} choose={setChosen} next={d.next_attempt_at} />
          <AttemptView key={`${attempt.trigger}-${attempt.n}`} attempt={attempt} delivery={detail.data} byLink />
        </div>
      ) : (
        <Empty title="Not tried yet">It waits until the endpoint takes deliveries again.</Empty>
      )}
    </div>
  );
}
