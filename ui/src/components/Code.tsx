import type { ReactNode } from "react";
import classes from "./Code.module.css";
import { CopyButton } from "./Ident";

/** A block of code or data with its title and a copy button. */
export function Code({
  text,
  html,
  title,
  copyAs,
  maxHeight,
  note,
}: {
  text: string;
  /** The same, coloured when the console was built. */
  html?: string;
  title?: string;
  copyAs?: string;
  maxHeight?: number;
  note?: ReactNode;
}) {
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        <span>{title}</span>
        <span className={classes.note}>{note}</span>
        <CopyButton value={copyAs ?? text} name={title ?? "code"} />
      </figcaption>
      <pre className={classes.pre} tabIndex={0} aria-label={title} style={{ maxHeight }}>
        {html === undefined ? <code>{text}</code> : <code dangerouslySetInnerHTML={{ __html: html }} />}
      </pre>
    </figure>
  );
}
