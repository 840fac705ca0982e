import { Drawer, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots } from "@tabler/icons-react";
import { NavLink, useLocation } from "react-router";
import { places, type Place } from "./places";
import classes from "./BottomBar.module.css";

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
      <UnstyledButton className={classes.entry} data-active={elsewhere || undefined} onClick={open} aria-haspopup="dialog">
        <IconDots size={20} stroke={1.7} aria-hidden="true" />
        More
      </UnstyledButton>
      <Drawer opened={opened} onClose={close} position="bottom" size="auto" title="More">
        <div className={classes.more}>
          {underMore.map((p) => (
            <NavLink key={p.path} to={p.path} className={classes.wide} onClick={close}>
              <p.icon size={19} stroke={1.7} aria-hidden="true" />
              {p.name}
            </NavLink>
          ))}
        </div>
      </Drawer>
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
