// Draws each plot when it comes into sight, and all of them for paper. Texts and grids take their colours from the page.
(function () {
  "use strict";
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const canHover = window.matchMedia("(hover: hover)").matches;
  const options = { responsive: true, displaylogo: false, displayModeBar: false };
  const paperWidth = 680;
  const narrow = 500;

  function draw(element) {
    if (element.dataset.drawn) {
      return;
    }
    element.dataset.drawn = "yes";
    element.replaceChildren();
    const figure = figures[element.id];
    if (element.clientWidth < narrow) {
      figure.layout.xaxis.nticks = 4;
    }
    figure.layout.dragmode = canHover ? "zoom" : false;
    window.Plotly.newPlot(element, figure.data, figure.layout, options);
  }

  const plots = Array.from(document.querySelectorAll(".plot"));
  const watcher = new IntersectionObserver(
    function (seen) {
      seen.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target));
    },
    { rootMargin: "400px" }
  );
  plots.forEach((element) => watcher.observe(element));

  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details.run").forEach((details) => (details.open = true));
    plots.forEach(function (element) {
      draw(element);
      window.Plotly.relayout(element, { width: paperWidth, autosize: false });
    });
  });
  window.addEventListener("afterprint", function () {
    plots.forEach((element) => window.Plotly.relayout(element, { width: null, autosize: true }));
  });

  function openTarget() {
    const target = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    if (!target) {
      return;
    }
    const around = target.closest("details") || target.querySelector("details.run");
    if (around) {
      around.open = true;
      target.scrollIntoView();
    }
  }
  window.addEventListener("hashchange", openTarget);
  openTarget();
})();
