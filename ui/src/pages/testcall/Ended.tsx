import { Anchor, Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ask } from "@/api/ask";
import { Code } from "@/components/Code";
import { ProblemAlert } from "@/components/ProblemAlert";
import { stateOfCall, StatusBadge } from "@/components/Status";
import { count, prettyJSON } from "@/format/text";
import { tell } from "@/timeline/story";
import classes from "./TestCall.module.css";

interface Props {
  callID: string | null;
  error: Error | null;
  number: string;
  again: () => void;
}

/** After the call: how it ended, and the exact webhook that the CRM got. */
export function Ended({ callID, error, number, again }: Props) {
  const detail = useQuery({
    ...ask("/api/admin/calls/{call_id}", { path: { call_id: callID ?? "" } }),
    enabled: callID !== null,
    refetchInterval: ({ state }) =>
      state.data?.delivery && state.data.delivery.delivery.state !== "pending" ? false : 700,
  });
  const call = detail.data?.call;
  const delivery = detail.data?.delivery;
  // This page knows the number that the server masks, so it can show the bytes as they went out.
  const body = delivery?.masked_body.replace(/"phone_to":"[^"]*"/, `"phone_to":"${number}"`) ?? "";
  return (
    <div className={classes.ended}>
      <p className={classes.who}>{number}</p>
      {error && <ProblemAlert error={error} />}
      {callID && !call?.call_status && <Skeleton height={28} width={180} />}
      {call?.call_status && (
        <>
          <StatusBadge state={stateOfCall(call)} />
          <p>{tell(call, detail.data?.timeline ?? [])}</p>
        </>
      )}
      {delivery && (
        <div className={classes.webhook}>
          <p>
            <StatusBadge state={delivery.delivery.state} quiet /> {count(delivery.delivery.attempts, "attempt")}
            {delivery.delivery.last_error && ` · ${delivery.delivery.last_error}`}
          </p>
          <Code title="The payload that the CRM gets" text={prettyJSON(body)} copyAs={body} />
        </div>
      )}
      <div className={classes.after}>
        <Button onClick={again}>Another call</Button>
        {callID && (
          <Anchor component={Link} to={`/calls/${callID}`}>
            The call's page
          </Anchor>
        )}
      </div>
    </div>
  );
}
