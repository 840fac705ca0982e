import { Anchor, Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Fragment, useMemo } from "react";
import { Link, NavLink } from "react-router";
import type { Block } from "../../../guide/blocks";
import { Mark } from "@/app/Mark";
import { base } from "@/app/base";
import { BlockView } from "./BlockView";
import { inGroups } from "./groups";
import "./colours.css";
import classes from "./Integration.module.css";
import { Tabs } from "./CodeTabs";
import { useHash, useSection } from "./useSection";

type Heading = Extract<Block, { kind: "heading" }>;

interface Props {
  title: string;
  blocks: Block[];
  /** The page for machines. */
  markdown: string;
  /** How deep its contents go: 2 or 3. */
  depth: number;
}

/** A document for CRM developers. It is public: no session, no key. */
export function GuidePage({ title, blocks, markdown, depth }: Props) {
  useDocumentTitle(`${title} · Click2Call`);
  useHash();
  const headings = useMemo(
    () => blocks.filter((b): b is Heading => b.kind === "heading" && b.depth >= 2 && b.depth <= depth),
    [blocks, depth],
  );
  return (
    <div className={classes.frame}>
      <header className={classes.top}>
        <Link to="/integration" className={classes.brand}>
          <Mark /> Click2Call
        </Link>
        <NavLink to="/integration" end className={classes.place}>
          Guide
        </NavLink>
        <NavLink to="/integration/reference" className={classes.place}>
          Reference
        </NavLink>
        <Anchor href={`${base}/${markdown}`} size="sm" className={classes.machines}>
          Markdown
        </Anchor>
        <Anchor href={`${base}/openapi.yaml`} size="sm" className={classes.machines}>
          OpenAPI
        </Anchor>
        <Button component={Link} to="/" size="xs" variant="default" flex="none">
          Console
        </Button>
      </header>
      <div className={classes.columns}>
        <nav className={classes.contents} aria-label="Contents">
          <Contents headings={headings} />
        </nav>
        <main className={classes.guide} id="main">
          <details className={classes.folded}>
            <summary>Contents</summary>
            <Contents headings={headings} />
          </details>
          {inGroups(blocks).map((group, i) => (
            <Fragment key={i}>
              {group.length > 1 ? <Tabs blocks={group} /> : group.map((b) => <BlockView key="only" block={b} />)}
            </Fragment>
          ))}
        </main>
      </div>
    </div>
  );
}

function Contents({ headings }: { headings: Heading[] }) {
  const ids = useMemo(() => headings.map((h) => h.id), [headings]);
  const here = useSection(ids);
  return (
    <ul>
      {headings.map((h) => (
        <li key={h.id} data-depth={h.depth}>
          <a href={`#${h.id}`} aria-current={h.id === here ? "location" : undefined}>
            {h.text.replace("/api/c2c/calls/{call_id}/", "…/")}
          </a>
        </li>
      ))}
    </ul>
  );
}
