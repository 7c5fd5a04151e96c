// Makes the page easier to search. Everything it adds is made here: without it the page is whole.
(() => {
  const articles = [...document.querySelectorAll("article.statement")];
  const parts = [...document.querySelectorAll("section.part")];
  const ORDER = ["fail", "unknown", "pass", "not-applicable"];
  const VERDICTS = ["verified", "contradicted", "partly-verified", "unknown", "not-testable"];
  const HEAD = ".margin, .body > :not(details), summary, details > :not(.claim), .claim > :not(.scroll), .checks";
  const openedBySearch = new Set();
  const chosen = new Set();

  // What is searched: the words of each statement, and those of each of its findings.
  const texts = new Map();
  function known(article) {
    if (!texts.has(article)) {
      const rows = [...article.querySelectorAll(".findings tbody tr")];
      const found = rows.map((row) => [row, row.textContent.toLowerCase()]);
      const head = [...article.querySelectorAll(HEAD)].map((part) => part.textContent).join(" ");
      texts.set(article, { head: head.toLowerCase(), rows: found });
    }
    return texts.get(article);
  }

  const field = make("input", { type: "search", id: "find", autocomplete: "off", spellcheck: false });
  const state = make("p", { className: "state" });
  state.setAttribute("role", "status");

  function matching(article, words, reached) {
    if (!words.length) {
      if (texts.has(article)) for (const [row] of texts.get(article).rows) row.hidden = false;
      return true;
    }
    const fits = (text) => words.every((word) => text.includes(word));
    const { head, rows } = known(article);
    const whole = fits(head);
    let hits = 0;
    for (const [row, text] of rows) {
      const hit = whole || fits(text);
      row.hidden = !hit;
      hits += hit;
    }
    const details = article.querySelector("details");
    if (!whole && hits && !details.open) {
      details.open = true;
      openedBySearch.add(details);
    }
    return whole || hits > 0 || reached.has(article.id);
  }

  function refresh() {
    const words = asked(field.value);
    const { hits, statements } = findings.reach(words);
    openedBySearch.forEach((details) => (details.open = false));
    openedBySearch.clear();
    let shown = 0;
    for (const article of articles) {
      const fits = !chosen.size || chosen.has(article.dataset.verdict);
      article.hidden = !(fits && matching(article, words, statements));
      shown += !article.hidden;
    }
    for (const part of parts) part.hidden = !part.querySelector("article.statement:not([hidden])");
    const narrowed = words.length > 0 || chosen.size > 0;
    bar.classList.toggle("narrowed", narrowed);
    clear.disabled = !narrowed;
    state.textContent = narrowed ? `${shown} of ${articles.length} statements shown` : `${articles.length} statements`;
    list.hidden = !hits;
    list.textContent = hits === 1 ? "List the 1 finding that fits" : `List the ${hits.toLocaleString("en")} findings that fit`;
  }

  function choices() {
    const group = make("div", { className: "choices" });
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Show only these verdicts");
    for (const verdict of VERDICTS) {
      const example = document.querySelector(`article.statement[data-verdict="${verdict}"] .verdict > span`);
      if (!example) continue;
      const choice = pressed("", () => {
        if (!chosen.delete(verdict)) chosen.add(verdict);
        choice.setAttribute("aria-pressed", String(chosen.has(verdict)));
        refresh();
      });
      choice.dataset.choice = verdict;
      choice.setAttribute("aria-pressed", "false");
      choice.append(example.cloneNode(true));
      group.append(choice);
    }
    return group;
  }

  function openAll(open) {
    openedBySearch.clear();
    for (const article of articles) if (!article.hidden) article.querySelector("details").open = open;
  }

  function reset() {
    field.value = "";
    chosen.clear();
    bar.querySelectorAll("[aria-pressed]").forEach((choice) => choice.setAttribute("aria-pressed", "false"));
    refresh();
  }

  // Findings by outcome or by resource; a second press turns the order round.
  const keys = {
    Outcome: (row) => ORDER.findIndex((word) => row.cells[0].querySelector(`.${word}`)),
    Resource: (row) => row.cells[1].textContent.trim().toLowerCase(),
  };
  function sortable(table) {
    for (const heading of table.tHead.rows[0].cells) {
      const name = heading.textContent;
      if (!(name in keys)) continue;
      heading.replaceChildren(pressed(name, () => sort(table, heading, keys[name])));
    }
  }
  function sort(table, heading, key) {
    const turned = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", turned ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [key(row), row]);
    const compare = ([one], [other]) =>
      typeof one === "number" ? one - other : one.localeCompare(other, "en", { numeric: true });
    rows.sort(turned ? (one, other) => compare(other, one) : compare);
    body.append(...rows.map(([, row]) => row));
  }

  const clear = pressed("Show everything", reset);
  const list = pressed("", () => findings.show({ words: field.value }));
  const bar = make(
    "search",
    { className: "controls" },
    make("div", { className: "field" }, make("label", { htmlFor: "find" }, "Find in statements and findings"), field),
    choices(),
    make("div", { className: "acts" }, pressed("Open all", () => openAll(true)), pressed("Close all", () => openAll(false)), clear, list),
    state,
    make("p", { className: "hint" }, "On paper, statements that are open appear in full and the others in short."),
  );
  field.addEventListener("input", refresh);
  document.querySelector("main").prepend(bar);
  document.querySelectorAll("table.findings").forEach(sortable);

  // A link leads to its statement even while that is filtered away.
  addEventListener("hashchange", () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.closest("[hidden]")) {
      reset();
      target.scrollIntoView();
    }
  });
  refresh();
})();
