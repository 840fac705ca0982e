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
  var path = document.querySelector("meta[name=click2call-path]").content;
  if (path.charAt(0) !== "/") path = ""; // while it is developed, nobody fills it in
  var page = location.pathname.slice(path.length);
  var early = {};
  function ask(name, url) {
    var answer = fetch(path + (url || name));
    early[path + name] = answer;
    answer.catch(function () {}); // whoever takes it handles that; if nobody does, nobody missed it
  }
  if (page !== "/login" && page !== "/receiver" && page.indexOf("/integration") !== 0) ask("/api/admin/me");
  if (page === "/") {
    ask(
      "/api/admin/overview",
      "/api/admin/overview?tz=" + encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone),
    );
  }
  window.click2callEarly = early;
})();
