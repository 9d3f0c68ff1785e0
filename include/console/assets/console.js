// Follows what goes on, filters lists, and opens Airflow's own pages outside of the frame. All of it is a help only.
(function () {
  "use strict";

  function followRun() {
    const { live, every } = document.body.dataset;
    if (!live) {
      return;
    }
    let seen = document.body.dataset.seen;
    let isPaused = false;
    let failures = 0;
    const shown = new Map();
    const pause = document.getElementById("pause");
    if (pause) {
      pause.hidden = false;
      pause.addEventListener("click", function () {
        isPaused = !isPaused;
        pause.setAttribute("aria-pressed", String(isPaused));
        pause.textContent = isPaused ? "Go on" : "Pause updates";
      });
    }

    function show(parts) {
      for (const [name, html] of Object.entries(parts)) {
        const element = document.getElementById("part-" + name);
        if (element && shown.get(name) !== html) {
          shown.set(name, html);
          element.innerHTML = html; // made and escaped by our own server, whose policy lets no script in it run
        }
      }
    }

    async function look() {
      const answer = await fetch(live + "?seen=" + seen, { headers: { Accept: "application/json" } });
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      const told = await answer.json();
      seen = told.seen;
      show(told.parts);
      return told.is_over === true;
    }

    async function follow() {
      let isOver = false;
      if (!isPaused && document.visibilityState === "visible") {
        try {
          isOver = await look();
          failures = 0;
          document.body.classList.remove("stale");
        } catch {
          failures += 1;
          document.body.classList.add("stale");
        }
      }
      if (isOver) {
        if (pause) {
          pause.hidden = true;
        }
        return;
      }
      window.setTimeout(follow, Number(every) * Math.min(1 + failures, 10));
    }
    window.setTimeout(follow, Number(every));
  }

  function filterLists() {
    document.querySelectorAll("input[data-filter]").forEach(function (input) {
      const rows = Array.from(document.querySelectorAll("#" + input.dataset.filter + " tbody tr"));
      input.closest("label").hidden = false;
      input.addEventListener("input", function () {
        const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        rows.forEach(function (row) {
          const text = row.textContent.toLowerCase();
          row.hidden = !words.every((word) => text.includes(word));
        });
      });
    });
  }

  function leaveFrame() {
    document.addEventListener("click", function (event) {
      const link = event.target instanceof Element ? event.target.closest("a[data-airflow]") : null;
      if (!link || window.parent === window || event.ctrlKey || event.metaKey) {
        return;
      }
      event.preventDefault();
      const around = window.parent.document;
      const outside = around.createElement("a");
      outside.href = link.href;
      around.body.append(outside);
      outside.click();
      outside.remove();
    });
  }

  followRun();
  filterLists();
  leaveFrame();
})();
