// Sets the colour scheme before the first paint. A file of its own because the page's policy allows no inline script.
(function () {
  var saved = null;
  try {
    saved = localStorage.getItem("click2call-scheme");
  } catch (e) {
    saved = null;
  }
  var dark = saved === "dark" || (saved !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
