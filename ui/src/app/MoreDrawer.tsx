import { Drawer } from "@mantine/core";
import { NavLink } from "react-router";
import { places } from "./places";
import classes from "./BottomBar.module.css";

/** The places that a phone's bar has no room for. */
export function MoreDrawer({ opened, close }: { opened: boolean; close: () => void }) {
  return (
    <Drawer opened={opened} onClose={close} position="bottom" size="auto" title="More">
      <div className={classes.more}>
        {places
          .filter((p) => !p.bar)
          .map((p) => (
            <NavLink key={p.path} to={p.path} className={classes.wide} onClick={close}>
              <p.icon size={19} stroke={1.7} aria-hidden="true" />
              {p.name}
            </NavLink>
          ))}
      </div>
    </Drawer>
  );
}
