import { useDisclosure } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import { Link, NavigationType, NavLink, Outlet, ScrollRestoration, useLocation, useNavigationType } from "react-router";
import { onDemand } from "@/components/onDemand";
import { LiveProvider } from "@/live/LiveProvider";
import { Account } from "./Account";
import { BottomBar } from "./BottomBar";
import { Health } from "./Health";
import { useKeyboard } from "./keyboard";
import { Mark } from "./Mark";
import { groups } from "./places";
import { Search } from "./Search";
import classes from "./Shell.module.css";

const KeyboardHelp = onDemand(async () => (await import("./KeyboardHelp")).KeyboardHelp);

/** What stands around every page of people with a session: the rail, the top bar, the keys. */
export function Shell() {
  const search = useRef<HTMLInputElement>(null);
  const [help, { open, close }] = useDisclosure();
  useKeyboard({ search: () => search.current?.focus(), help: open });
  useFocusOnNewPage();
  return (
    <LiveProvider>
      <a href="#main" className={classes.skip}>
        Skip to content
      </a>
      <div className={classes.shell}>
        <nav className={classes.rail} aria-label="Pages">
          <Link to="/" className={classes.brand}>
            <Mark /> Click2Call
          </Link>
          {groups.map((g) => (
            <div key={g.name} className={classes.group}>
              <h2>{g.name}</h2>
              {g.places.map((p) => (
                <NavLink
                  key={p.path}
                  to={p.path}
                  end={p.path === "/"}
                  className={classes.place}
                  aria-keyshortcuts={`g ${p.key}`}
                >
                  <p.icon size={17} stroke={1.7} aria-hidden="true" />
                  {p.name}
                </NavLink>
              ))}
            </div>
          ))}
        </nav>
        <header className={classes.top}>
          <Search inputRef={search} />
          <div className={classes.right}>
            <Health />
            <Account showKeys={open} />
          </div>
        </header>
        <main id="main" className={classes.main}>
          <Outlet />
        </main>
        <BottomBar />
      </div>
      <ScrollRestoration />
      <KeyboardHelp opened={help} close={close} />
    </LiveProvider>
  );
}

/**
 * Tells people who do not see the page that another one came, by moving the focus to its title; and whoever goes back to a list
 * is at the row that they left it by.
 */
function useFocusOnNewPage(): void {
  const { pathname, key } = useLocation();
  const back = useNavigationType() === NavigationType.Pop;
  const first = useRef(true);
  const left = useRef(new Map<string, string>());
  useEffect(() => {
    const remember = (event: MouseEvent) => {
      const row = event.target instanceof Element ? event.target.closest("a[data-row-link]") : null;
      if (row) left.current.set(key, row.getAttribute("href") ?? "");
    };
    document.addEventListener("click", remember, true);
    return () => document.removeEventListener("click", remember, true);
  }, [key]);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const row = back ? left.current.get(key) : undefined;
    const link = row ? document.querySelector<HTMLElement>(`a[data-row-link][href="${CSS.escape(row)}"]`) : null;
    (link ?? document.getElementById("page-title"))?.focus({ preventScroll: true });
    // The key changes with every filter; the page with the path alone.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [pathname]);
}
