import { HoverCard } from "@mantine/core";
import type { ReactElement } from "react";
import { StatusBadge } from "@/components/Status";
import type { Part } from "./Health";
import classes from "./Health.module.css";

/** Shows the parts beside the word that sums them up. */
export function HealthCard({ parts, children }: { parts: Part[]; children: ReactElement }) {
  return (
    <HoverCard width={320} shadow="md" openDelay={150} position="bottom-end">
      <HoverCard.Target>{children}</HoverCard.Target>
      <HoverCard.Dropdown>
        <ul className={classes.parts}>
          {parts.map((p) => (
            <li key={p.part + p.id}>
              <span>{p.name}</span>
              <StatusBadge state={p.state} quiet />
              {p.what && <small>{p.what}</small>}
            </li>
          ))}
        </ul>
      </HoverCard.Dropdown>
    </HoverCard>
  );
}
