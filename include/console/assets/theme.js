// Takes Airflow's light or dark mode, which its pages keep under this name; without one, the system's holds.
(function () {
  "use strict";
  function apply() {
    let theme = null;
    try {
      theme = window.localStorage.getItem("theme");
    } catch {
      // a browser that keeps nothing
    }
    if (theme === "light" || theme === "dark") {
      document.documentElement.dataset.theme = theme;
    } else {
      delete document.documentElement.dataset.theme;
    }
  }
  apply();
  window.addEventListener("storage", apply);
})();
