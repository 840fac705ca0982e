import {
  IconAdjustmentsHorizontal,
  IconBook2,
  IconChartBar,
  IconDialpad,
  IconHeadset,
  IconKey,
  IconLayoutDashboard,
  IconPhone,
  IconRoute,
  IconScale,
  IconSend,
  IconServer2,
  IconShieldCheck,
  IconWebhook,
  type Icon,
} from "@tabler/icons-react";

/** A page that the rail, the keyboard and the phone's bar lead to. */
export interface Place {
  path: string;
  name: string;
  icon: Icon;
  /** With g before it, goes there. */
  key: string;
  /** On a phone it is in the bar; the others are under More. */
  bar?: boolean;
}

/** The console's places in their three groups. */
export const groups: { name: string; places: Place[] }[] = [
  {
    name: "Now",
    places: [
      { path: "/", name: "Overview", icon: IconLayoutDashboard, key: "o", bar: true },
      { path: "/calls", name: "Calls", icon: IconPhone, key: "c", bar: true },
      { path: "/deliveries", name: "Deliveries", icon: IconSend, key: "d", bar: true },
      { path: "/reports", name: "Reports", icon: IconChartBar, key: "r", bar: true },
      { path: "/ledger", name: "Ledger", icon: IconScale, key: "l" },
    ],
  },
  {
    name: "Dialing",
    places: [
      { path: "/trunks", name: "Trunks", icon: IconServer2, key: "t" },
      { path: "/routes", name: "Routes", icon: IconRoute, key: "u" },
      { path: "/permission", name: "Permission", icon: IconShieldCheck, key: "m" },
      { path: "/dial-preview", name: "Dial preview", icon: IconDialpad, key: "p" },
      { path: "/test-call", name: "Test call", icon: IconHeadset, key: "e", bar: true },
    ],
  },
  {
    name: "Set up",
    places: [
      { path: "/endpoints/default", name: "Webhook", icon: IconWebhook, key: "w" },
      { path: "/settings", name: "Settings", icon: IconAdjustmentsHorizontal, key: "s" },
      { path: "/access", name: "Access", icon: IconKey, key: "a" },
      { path: "/integration", name: "Integration", icon: IconBook2, key: "i" },
    ],
  },
];

/** All places, in the order of the rail. */
export const places = groups.flatMap((g) => g.places);
