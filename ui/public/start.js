// What must not wait for the console's scripts. A file of its own because the page's policy allows no inline script.
(function () {
  // Before the first paint: the colour scheme.
  var saved = null;
  try {
    saved = localStorage.getItem("click2call-scheme");
  } catch {
    saved = null;
  }
  var dark = saved === "dark" || (saved !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");

  // While the scripts are on their way: what the first view shows. src/api/early.ts takes the answers.
  var early = {};
  function ask(name, url) {
    early[name] = fetch(url || name);
    early[name].catch(function () {}); // whoever takes it handles that; if nobody does, nobody missed it
  }
  var path = location.pathname;
  if (path !== "/login" && path !== "/receiver" && path.indexOf("/integration") !== 0) ask("/api/admin/me");
  if (location.pathname === "/") {
    ask(
      "/api/admin/overview",
      "/api/admin/overview?tz=" + encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone),
    );
  }
  window.click2callEarly = early;
})();
