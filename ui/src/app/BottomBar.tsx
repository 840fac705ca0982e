import { UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots } from "@tabler/icons-react";
import { NavLink, useLocation } from "react-router";
import { onDemand } from "@/components/onDemand";
import { places, type Place } from "./places";
import classes from "./BottomBar.module.css";

const MoreDrawer = onDemand(async () => (await import("./MoreDrawer")).MoreDrawer);

const inBar = places.filter((p) => p.bar);
const underMore = places.filter((p) => !p.bar);

/** The rail of a phone: five places and More. */
export function BottomBar() {
  const [opened, { open, close }] = useDisclosure();
  const { pathname } = useLocation();
  const elsewhere = underMore.some((p) => pathname.startsWith(p.path));
  return (
    <nav className={classes.bar} aria-label="Pages">
      {inBar.map((p) => (
        <Entry key={p.path} place={p} />
      ))}
      <UnstyledButton
        className={classes.entry}
        data-active={elsewhere || undefined}
        onClick={open}
        aria-haspopup="dialog"
      >
        <IconDots size={20} stroke={1.7} aria-hidden="true" />
        More
      </UnstyledButton>
      <MoreDrawer opened={opened} close={close} />
    </nav>
  );
}

function Entry({ place }: { place: Place }) {
  return (
    <NavLink to={place.path} end={place.path === "/"} className={classes.entry}>
      <place.icon size={20} stroke={1.7} aria-hidden="true" />
      {place.name}
    </NavLink>
  );
}
