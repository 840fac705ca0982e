import { Group, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import classes from "./Page.module.css";

interface Props {
  title: string;
  /** What stands in the browser's tab, when the title is no plain text. */
  heading?: ReactNode;
  sentence?: ReactNode;
  /** The page's one primary action. */
  action?: ReactNode;
  children?: ReactNode;
  narrow?: boolean;
}

/** A page: one title, one sentence at most, one primary action at the top right, then content. */
export function Page({ title, heading, sentence, action, children, narrow }: Props) {
  useDocumentTitle(`${title} · Click2Call`);
  return (
    <div className={classes.page} data-narrow={narrow || undefined}>
      <header className={classes.header}>
        <div className={classes.words}>
          <Title order={1} id="page-title" tabIndex={-1}>
            {heading ?? title}
          </Title>
          {sentence && (
            <Text c="dimmed" mt={2}>
              {sentence}
            </Text>
          )}
        </div>
        {action && (
          <Group gap="xs" className={classes.action}>
            {action}
          </Group>
        )}
      </header>
      {children}
    </div>
  );
}

/** A part of a page, under a hairline. */
export function Section({
  title,
  sentence,
  action,
  children,
  id,
}: {
  title: string;
  sentence?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
  id?: string;
}) {
  const label = id ?? title.toLowerCase().replace(/[^a-z]+/g, "-");
  return (
    <section className={classes.section} aria-labelledby={label}>
      <Group justify="space-between" align="baseline" mb="sm" gap="xs">
        <div>
          <Title order={2} id={label}>
            {title}
          </Title>
          {sentence && (
            <Text c="dimmed" size="sm">
              {sentence}
            </Text>
          )}
        </div>
        {action}
      </Group>
      {children}
    </section>
  );
}

/** Sections that begin without a line. */
export function Sections({ children }: { children: ReactNode }) {
  return <div className={classes.plain}>{children}</div>;
}

export type Fact = [name: string, value: ReactNode];

/** Facts in groups with names, side by side where there is room. */
export function FactGroups({ groups }: { groups: [name: string, facts: Fact[]][] }) {
  return (
    <div className={classes.groups}>
      {groups.map(([name, facts]) => (
        <section key={name} aria-label={name}>
          <h3>{name}</h3>
          <dl>
            {facts.map(([fact, value]) => (
              <div key={fact}>
                <dt>{fact}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

/** Names and values, one a line. */
export function Facts({ items }: { items: Fact[] }) {
  return (
    <dl className={classes.facts}>
      {items.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What a list shows when it holds nothing: why, and the next step. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <Text fw={600}>{title}</Text>
      {children && (
        <Text c="dimmed" size="sm" maw={460}>
          {children}
        </Text>
      )}
      {action}
    </div>
  );
}
