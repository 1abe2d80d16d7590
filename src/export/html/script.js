"use strict";
// A page is whole without this: it adds tabs, copy buttons and the filter.
(() => {
  const said = document.getElementById("said");

  // Where the page is not from a safe origin, the modern way is not there.
  const copy = async (text) => {
    if (navigator.clipboard) {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {}
    }
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    return isCopied;
  };

  for (const block of document.querySelectorAll(".code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy " + block.dataset.label);
    button.addEventListener("click", async () => {
      const isCopied = await copy(block.querySelector("code").textContent);
      button.textContent = isCopied ? "Copied" : "Not copied";
      said.textContent = block.dataset.label + (isCopied ? " is copied" : " could not be copied");
      button.focus();
      setTimeout(() => {
        button.textContent = "Copy";
        said.textContent = "";
      }, 2000);
    });
    block.append(button);
  }

  // A reader wants one language, so that a choice goes for all examples.
  const groups = [];
  const choose = (label) => {
    for (const tabs of groups) {
      if (!tabs.some(({ panel }) => panel.dataset.label === label)) continue;
      for (const { tab, panel } of tabs) {
        const isChosen = panel.dataset.label === label;
        tab.setAttribute("aria-selected", isChosen);
        tab.tabIndex = isChosen ? 0 : -1;
        panel.classList.toggle("off", !isChosen);
      }
    }
  };
  const chooseByHand = (tab, label) => {
    const before = tab.getBoundingClientRect().top;
    choose(label);
    scrollBy(0, tab.getBoundingClientRect().top - before);
    try {
      localStorage.setItem("zalog-language", label);
    } catch {}
  };
  for (const group of document.querySelectorAll(".tabs")) {
    const list = document.createElement("div");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Language");
    const tabs = [...group.children].map((panel) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = panel.id + "-tab";
      tab.textContent = panel.dataset.label;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      tab.addEventListener("click", () => chooseByHand(tab, panel.dataset.label));
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      list.append(tab);
      return { tab, panel };
    });
    list.addEventListener("keydown", (event) => {
      const at = tabs.findIndex(({ tab }) => tab === document.activeElement);
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const { tab, panel } = tabs.at(to % tabs.length);
      tab.focus();
      chooseByHand(tab, panel.dataset.label);
    });
    group.prepend(list);
    group.classList.add("on");
    groups.push(tabs);
  }
  if (groups.length) choose(groups[0][0].panel.dataset.label);
  try {
    choose(localStorage.getItem("zalog-language"));
  } catch {}

  const filter = document.getElementById("filter");
  if (!filter) return;
  filter.parentElement.hidden = false;
  const found = document.getElementById("found");
  const entries = [...document.querySelectorAll(".index > li")].map((entry) => ({
    entry,
    text: entry.querySelector("a").textContent.toLowerCase(),
  }));
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const { entry, text } of entries) {
      entry.hidden = !words.every((word) => text.includes(word));
      if (!entry.hidden) count += 1;
    }
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = !group.querySelector("li:not([hidden])");
    }
    found.textContent = filter.value ? count + " of " + entries.length : "";
  };
  filter.addEventListener("input", apply);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.activeElement === filter) {
      filter.value = "";
      apply();
    } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && document.activeElement !== filter) {
      event.preventDefault();
      filter.focus();
    }
  });
  // A browser that goes back fills the box again.
  addEventListener("pageshow", apply);
})();
