import { Button, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy, IconLink } from "@tabler/icons-react";
import { Link } from "react-router";
import { shortenMiddle } from "@/format/text";
import classes from "./Ident.module.css";

interface Props {
  value: string;
  /** Where it leads; without it the identifier is only text. */
  to?: string;
  /** What it is, for people who do not see it: "call id". */
  name: string;
  whole?: boolean;
}

/** An identifier: monospace, shortened in the middle, copied with one click. */
export function Ident({ value, to, name, whole }: Props) {
  const text = whole ? value : shortenMiddle(value);
  return (
    <span className={classes.ident}>
      <Tooltip label={value} disabled={text === value}>
        {to ? (
          <Link to={to} className={classes.text}>
            {text}
          </Link>
        ) : (
          <span className={classes.text}>{text}</span>
        )}
      </Tooltip>
      <CopyButton value={value} name={name} />
    </span>
  );
}

/** Copies a value, and says so for a moment. */
export function CopyButton({ value, name }: { value: string; name: string }) {
  const { copied, copy } = useClipboard({ timeout: 1500 });
  return (
    <button
      type="button"
      className={classes.copy}
      data-copied={copied || undefined}
      aria-label={copied ? "Copied" : `Copy ${name}`}
      onClick={(event) => {
        event.preventDefault();
        event.stopPropagation();
        copy(value);
      }}
    >
      {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
    </button>
  );
}

/** Copies the address of the page, for a colleague. */
export function CopyLink() {
  const { copied, copy } = useClipboard({ timeout: 1500 });
  return (
    <Button
      variant="default"
      leftSection={copied ? <IconCheck size={15} /> : <IconLink size={15} />}
      onClick={() => copy(window.location.href)}
    >
      {copied ? "Copied" : "Copy link"}
    </Button>
  );
}
