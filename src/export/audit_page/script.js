"use strict";
// Draws the chart, and shows and filters all changes: the page itself has only the first of them.
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const kinds = ["read", "write", "other"];

  const element = (tag, className, ...children) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };

  // A time without a zone, as the servers' clocks showed it.
  const clock = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19);

  for (const hint of document.querySelectorAll(".scriptless")) hint.remove();

  // Calls over time. The bars of a kind stand on those before it: each series is the sum up to its
  // own, and the largest is drawn first.
  let chart;
  const PAPER_WIDTH = 660;
  const drawChart = (onPaper) => {
    const place = byId("chart");
    if (!data.chart || !place) return;
    const { start, width, counts } = data.chart;
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue("--" + name).trim();
    const text = onPaper ? "#444" : colour("faint");
    const line = onPaper ? "#ccc" : colour("line");
    const order = [1, 0, 2];
    const times = counts[0].map((_, nth) => start + nth * width);
    const end = start + times.length * width;
    let sums = times.map(() => 0);
    const stacked = order.map((kind) => (sums = sums.map((sum, nth) => sum + counts[kind][nth])));
    const most = Math.max(...sums, 1);
    const bars = uPlot.paths.bars({ size: [0.9, 80], align: 1 });
    const series = order.map((kind) => ({
      label: kinds[kind],
      fill: colour(kinds[kind]),
      width: 0,
      paths: bars,
      points: { show: false },
    }));
    const zoomed = chart ? [chart.scales.x.min, chart.scales.x.max] : [start, end];
    chart?.destroy();
    const tell = (nth) => {
      for (const [kind, name] of kinds.entries()) {
        const all = counts[kind].reduce((sum, count) => sum + count, 0);
        document.querySelector(`#legend [data-kind=${name}]`).textContent =
          nth === null || nth === undefined ? all : counts[kind][nth];
      }
      byId("moment").textContent =
        nth === null || nth === undefined ? "" : "from " + clock(times[nth]).replace("T", " ");
    };
    const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "12px system-ui, sans-serif" };
    const zoom = (u, from, to) => u.setScale("x", { min: from, max: to });
    chart = new uPlot(
      {
        width: onPaper ? PAPER_WIDTH : place.clientWidth || PAPER_WIDTH,
        height: 240,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
        scales: { x: { time: true, range: (_, from, to) => [from, to] }, y: { range: () => [0, most * 1.08] } },
        axes: [
          {
            ...axis,
            space: 80,
            values: (_, splits, __, ___, step) => {
              let day = "";
              return splits.map((split) => {
                const [date, time] = clock(split).split("T");
                const isNext = date !== day;
                day = date;
                if (step >= 86400) return date;
                const short = step < 60 ? time : time.slice(0, 5);
                return isNext ? short + "\n" + date : short;
              });
            },
          },
          { ...axis, size: 56, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7, 1e8] },
        ],
        series: [{}, ...series.reverse()],
        hooks: {
          ready: [(u) => zoom(u, ...zoomed)],
          setCursor: [(u) => tell(u.cursor.left >= 0 ? u.cursor.idx : null)],
          setSelect: [
            (u) => {
              if (u.select.width < 3) return;
              const at = (left) => Math.floor((u.posToVal(left, "x") - start) / width);
              const from = start + Math.max(at(u.select.left), 0) * width;
              const to = Math.min(start + (at(u.select.left + u.select.width) + 1) * width, end);
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              zoom(u, from, to);
              choose(clock(from), clock(to - 1));
            },
          ],
        },
      },
      [times, ...stacked.reverse()],
      place,
    );
    // A second click leads back, as the library has it, to the whole time and not to all bars' starts.
    chart.over.addEventListener("dblclick", () => {
      zoom(chart, start, end);
      choose("", "");
    });
    tell(null);
  };

  // The filter. A time that was chosen in the chart stands in its boxes.
  const list = byId("list");
  const filters = byId("filters");
  let apply = () => {};
  const choose = (from, to) => {
    if (!filters) return;
    byId("from").value = from;
    byId("to").value = to;
    apply();
  };
  if (list) {
    const [TIME, SERVER, ACTION, OUTCOME, TYPE, OBJECT, WHO, FIELDS, REQUESTED, FACTS] = Array(10).keys();
    const { changes, texts } = data;
    const text = (cell) => (typeof cell === "number" ? texts[cell] : cell);
    const shortTime = (time) => (time ? time.split(".")[0].replace("T", " ") : "-");

    const isDone = (change) => text(change[OUTCOME]) !== "unanswered";
    const named = (fields) => {
      const names = fields.map(([name]) => text(name));
      const more = names.length - 4;
      return more > 0 ? `${names.slice(0, 4).join(", ")} and ${more} more` : names.join(", ");
    };
    const what = (change) => {
      if (isDone(change)) return named(change[FIELDS]) || "no field that is known";
      const asked = named(change[REQUESTED]);
      return text(change[FACTS]) ?? (asked ? `asked for ${asked}` : "not known why");
    };
    const table = (className, headings, rows) => {
      const heads = headings.map((heading) => {
        const head = element("th", "", heading);
        head.scope = "col";
        return head;
      });
      return element("table", className, element("thead", "", element("tr", "", ...heads)), element("tbody", "", ...rows));
    };
    const cell = (className, value) => element("td", className, element("div", "value", text(value)));
    const rowHead = (name, isSecret) => {
      const head = element("th", "", name);
      head.scope = "row";
      if (isSecret) head.append(" ", element("span", "secret", "secret"));
      return head;
    };
    const more = (change) => {
      const box = element("div", "more");
      const room = { create: "diff made", delete: "diff unmade" }[text(change[ACTION])] ?? "diff";
      if (change[FIELDS].length) {
        const rows = change[FIELDS].map(([name, before, after, isSecret]) =>
          element("tr", "", rowHead(text(name), isSecret), cell("before", before), cell("after", after)));
        box.append(table(room, ["Field", "Before", "After"], rows));
      }
      if (change[REQUESTED].length) {
        const rows = change[REQUESTED].map(([name, value]) =>
          element("tr", "", rowHead(text(name)), cell("after", value)));
        box.append(table("diff", ["Field", "Asked for; the log does not tell what came of it"], rows));
      }
      const known = element("dl", "known");
      const add = (name, value) => {
        if (value !== null) known.append(element("div", "", element("dt", "", name), element("dd", "", value)));
      };
      add("Outcome", text(change[OUTCOME]));
      add("Server", text(change[SERVER]));
      for (const [nth, name] of data.facts.entries()) add(name, text(change[FACTS + nth]));
      box.append(known);
      return box;
    };
    const entry = (change) => {
      const object = element("span", "object", element("code", "", text(change[TYPE])));
      if (change[OBJECT] !== null) object.append(" ", element("b", "", change[OBJECT]));
      const summary = element(
        "summary",
        "",
        element("span", "time", shortTime(change[TIME])),
        element("span", isDone(change) ? "action" : "action failed", text(change[ACTION])),
        object,
        element("span", "who", text(change[WHO])),
        element("span", "what", what(change)),
      );
      return element("li", "", element("details", "", summary, more(change)));
    };

    // All that is known of each change, in lower case. It is made bit by bit, so that the page does
    // not freeze, and at once where it is asked for earlier.
    const known = [];
    const flat = (cell) => (Array.isArray(cell) ? cell.map(flat).join("\n") : typeof cell === "boolean" ? "" : text(cell) ?? "");
    const learn = (upTo) => {
      for (let nth = known.length; nth < Math.min(upTo, changes.length); nth += 1) {
        known.push((flat(changes[nth]) + "\n" + shortTime(changes[nth][TIME])).toLowerCase());
      }
      return known.length < changes.length;
    };
    const learnOn = () => {
      if (learn(known.length + 10_000)) setTimeout(learnOn);
    };

    const selects = [["server", SERVER], ["type", TYPE], ["action", ACTION], ["outcome", OUTCOME], ["who", WHO]];
    for (const [id, column] of selects) {
      const counts = new Map();
      for (const change of changes) counts.set(change[column], (counts.get(change[column]) ?? 0) + 1);
      const options = [...counts].filter(([cell]) => cell !== null);
      options.sort(([one], [other]) => (text(one) < text(other) ? -1 : 1));
      for (const [cell, count] of options) {
        const option = element("option", "", `${text(cell)} (${count})`);
        option.value = text(cell);
        byId(id).append(option);
      }
      if (options.length < 2) byId(id).disabled = true;
    }

    let hits = [];
    let page = 0;
    const count = (number) => number.toLocaleString("en");
    const show = (size, isOpen) => {
      const from = page * size;
      const shown = hits.slice(from, from + size).map((nth) => entry(changes[nth]));
      if (isOpen) for (const item of shown) item.firstChild.open = true;
      list.replaceChildren(...shown);
      const pages = Math.max(Math.ceil(hits.length / size), 1);
      byId("pager").hidden = pages < 2;
      byId("page").textContent = `Page ${count(page + 1)} of ${count(pages)}`;
      byId("previous").disabled = page === 0;
      byId("next").disabled = page + 1 >= pages;
      const all = hits.length === changes.length ? `${count(hits.length)} changes` : `${count(hits.length)} of ${count(changes.length)} changes`;
      const part = shown.length < hits.length ? `, ${count(from + 1)} to ${count(from + shown.length)} shown` : "";
      byId("shown").textContent = hits.length ? all + part : `None of ${count(changes.length)} changes fits.`;
    };
    apply = () => {
      const words = byId("words").value.toLowerCase().split(/\s+/).filter((word) => word);
      if (words.length) learn(changes.length);
      const choice = ([id, column]) => {
        const value = byId(id).value;
        // A text that is written once is compared by its number.
        const number = texts.indexOf(value);
        return value ? [[column, value, number]] : [];
      };
      const wanted = selects.flatMap(choice);
      const from = byId("from").value;
      // What is left out of a time is all that it can be.
      const to = byId("to").value && byId("to").value + "~";
      hits = [];
      for (let nth = 0; nth < changes.length; nth += 1) {
        const change = changes[nth];
        const fits =
          wanted.every(([column, value, number]) => change[column] === number || change[column] === value) &&
          (!from || (change[TIME] ?? "") >= from) &&
          (!to || (change[TIME] ?? "~~") <= to) &&
          words.every((word) => known[nth].includes(word));
        if (fits) hits.push(nth);
      }
      if (byId("order").value === "newest") hits.reverse();
      page = 0;
      show(data.page);
    };

    filters.hidden = false;
    filters.addEventListener("input", apply);
    filters.addEventListener("submit", (event) => event.preventDefault());
    filters.addEventListener("reset", () => setTimeout(apply));
    const turn = (by) => {
      page += by;
      show(data.page);
      list.scrollIntoView({ block: "start" });
      list.querySelector("summary")?.focus({ preventScroll: true });
    };
    byId("previous").addEventListener("click", () => turn(-1));
    byId("next").addEventListener("click", () => turn(1));
    document.addEventListener("keydown", (event) => {
      const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName);
      if (event.key === "Escape" && document.activeElement === byId("words")) {
        byId("words").value = "";
        apply();
      } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && !isTyping) {
        event.preventDefault();
        byId("words").focus();
      }
    });

    // On paper nothing can be opened, and a page is no page.
    const MOST_PRINTED = 200;
    let before;
    addEventListener("beforeprint", () => {
      before = page;
      page = Math.floor((page * data.page) / MOST_PRINTED);
      show(MOST_PRINTED, true);
    });
    addEventListener("afterprint", () => {
      page = before;
      show(data.page);
    });
    // A browser that goes back fills the boxes again.
    addEventListener("pageshow", apply);
    apply();
    setTimeout(learnOn);
  }

  for (const sorted of document.querySelectorAll(".sorts")) {
    const heads = [...sorted.querySelectorAll("thead th")];
    const body = sorted.tBodies[0];
    for (const [nth, head] of heads.entries()) {
      const button = element("button", "sort", head.textContent);
      button.type = "button";
      button.addEventListener("click", () => {
        const isNumber = head.classList.contains("number");
        const last = head.getAttribute("aria-sort");
        const way = last === (isNumber ? "descending" : "ascending") ? 1 : -1;
        const down = isNumber ? -way : way;
        const key = (row) => (isNumber ? Number(row.cells[nth].dataset.value) : row.cells[nth].textContent);
        const rows = [...body.rows].map((row) => [key(row), row]);
        rows.sort(([one], [other]) => (one < other ? down : one > other ? -down : 0));
        body.append(...rows.map(([, row]) => row));
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down === -1 ? "ascending" : "descending");
      });
      head.replaceChildren(button);
    }
  }

  // What is closed can't be opened on paper.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll(".part details:not([open], #calls details)")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });

  drawChart();
  if (chart) {
    byId("chart-hint").textContent = filters
      ? "Drag over a part of the chart to look closer, and to see the changes of that time; two clicks lead back."
      : "Drag over a part of the chart to look closer; two clicks lead back.";
    let isOnPaper = false;
    const resize = () => {
      if (!isOnPaper) chart.setSize({ width: byId("chart").clientWidth, height: 240 });
    };
    new ResizeObserver(resize).observe(byId("chart"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawChart());
    for (const [event, onPaper] of [["beforeprint", true], ["afterprint", false]]) {
      addEventListener(event, () => drawChart((isOnPaper = onPaper)));
    }
  }
})();
