import { Anchor, Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Fragment } from "react";
import { Link } from "react-router";
import blocks from "../../../guide/integration.md?guide";
import { Mark } from "@/app/Mark";
import { base } from "@/app/base";
import { BlockView } from "./BlockView";
import { inGroups } from "./groups";
import classes from "./Integration.module.css";
import { Tabs } from "./CodeTabs";

/** Everything a CRM developer needs. It is public: no session, no key. */
export function IntegrationPage() {
  useDocumentTitle("Integration guide · Click2Call");
  const headings = blocks.filter((b) => b.kind === "heading" && b.depth === 2);
  return (
    <div className={classes.frame}>
      <header className={classes.top}>
        <Link to="/integration" className={classes.brand}>
          <Mark /> Click2Call
        </Link>
        <Anchor href={`${base}/integration.md`} size="sm" className={classes.machines}>
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
          <ul>
            {headings.map(
              (h) =>
                h.kind === "heading" && (
                  <li key={h.id}>
                    <a href={`#${h.id}`}>{h.text}</a>
                  </li>
                ),
            )}
          </ul>
        </nav>
        <main className={classes.guide} id="main">
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
