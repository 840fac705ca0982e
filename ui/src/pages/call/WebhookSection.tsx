import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { Code } from "@/components/Code";
import { Section } from "@/components/Page";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { count, prettyJSON } from "@/format/text";

/** How the CRM was told: the delivery in a line, and the exact body. */
export function WebhookSection({
  delivery,
  exact,
}: {
  delivery: Schema<"DeliveryDetail"> | null;
  exact: string | null;
}) {
  if (!delivery) {
    return (
      <Section title="Webhook">
        <Text c="dimmed" size="sm">
          The CRM is told once, when the call has ended.
        </Text>
      </Section>
    );
  }
  const { delivery: d, masked_body } = delivery;
  const body = exact ?? masked_body;
  return (
    <Section
      title="Webhook"
      action={
        <Anchor component={Link} to={`/deliveries/${d.event_id}`} size="sm">
          Open the delivery
        </Anchor>
      }
      sentence={
        <>
          <StatusBadge state={d.state} quiet /> · {count(d.attempts, "attempt")}
          {d.delivered_at && (
            <>
              {" "}
              · <RelativeTime at={d.delivered_at} />
            </>
          )}
          {d.next_attempt_at && (
            <>
              {" "}
              · next <RelativeTime at={d.next_attempt_at} />
            </>
          )}
          {d.state !== "delivered" && d.last_error && <> · {d.last_error}</>}
        </>
      }
    >
      <Code
        text={prettyJSON(body)}
        copyAs={body}
        title="Body"
        note={exact ? "the exact bytes are copied" : "the number is masked; reveal it above for the exact bytes"}
      />
    </Section>
  );
}
