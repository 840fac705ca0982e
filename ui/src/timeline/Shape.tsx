import type { ReactNode } from "react";
import type { Mark } from "./layout";

// A source is told by its shape, so that no colour has to be learnt.
const shapes: Record<Mark["source"], ReactNode> = {
  dial: <path d="M6 .8 11.200 6 6 11.200.8 6Z" />,
  room: <rect x="1.500" y="1.500" width="9" height="9" rx="1.500" />,
  webhook: <path d="M6 1 11.300 10.500H.700Z" />,
  poll: <path d="M6 11 .700 1.500h10.600Z" />,
  browser: <circle cx="6" cy="6" r="4.800" />,
  operator: <path d="M6 .600 7.600 4.300l4 .350-3 2.650.900 3.900L6 9.100l-3.500 2.100.900-3.900-3-2.650 4-.350Z" />,
  timer: <path d="M2 1h8L7 6l3 5H2l3-5Z" />,
  automatic: <rect x="4.500" y="0" width="3" height="12" rx="1" />,
  replay: <rect x="4.500" y="0" width="3" height="12" rx="1" />,
  probe: <rect x="4.500" y="0" width="3" height="12" rx="1" />,
};

/** The shape of a source. */
export function Shape({ source, size = 12 }: { source: Mark["source"]; size?: number }) {
  return (
    <svg
      viewBox="0 0 12 12"
      width={size}
      height={size}
      fill="currentColor"
      aria-hidden="true"
      style={{ flex: "none", overflow: "visible" }}
    >
      {shapes[source]}
    </svg>
  );
}
