// Lists all findings from the block of data at the end of the page; it draws a sheet of rows at a time.
"use strict";
const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
const pressed = (text, act) => {
  const element = make("button", { type: "button" }, text);
  element.addEventListener("click", () => act(element));
  return element;
};
const asked = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

const findings = (() => {
  const SHEET = 200;
  const [ID, OUTCOME, CHECK, RESOURCE, REASON, NOTE, BEARING, PROOF] = [0, 1, 2, 3, 4, 5, 6, 7]; // places in a row
  const [NAME, LONG, KIND, ACCOUNT, REGION] = [0, 1, 2, 3, 4]; // places in a resource
  const source = document.getElementById("catalogue");
  const chapter = document.getElementById("findings");
  let held = null;
  const data = () => (held ??= JSON.parse(source.textContent));
  const count = (number) => number.toLocaleString("en");

  // Which rows hold all words. A word is looked for once in each text, however many rows share it.
  function fitting(words) {
    const { checks, resources, texts, digests, proofs, outcomes, rows } = data();
    const tests = words.map((word) => {
      const has = (text) => text.toLowerCase().includes(word);
      const any = (table) => table.map((row) => row.some(has));
      const [said, marks] = [texts.map(has), digests.map(has)];
      const proven = proofs.map((places) => places.some((place) => marks[place]));
      const [check, resource, outcome] = [any(checks), any(resources), outcomes.map(([, , told]) => has(told))];
      return (row) =>
        check[row[CHECK]] || resource[row[RESOURCE]] || said[row[REASON]] || said[row[NOTE]] || outcome[row[OUTCOME]] ||
        proven[row[PROOF]] || row[ID].includes(word);
    });
    return rows.filter((row) => tests.every((test) => test(row)));
  }

  // For the search over statements: how many findings fit, and the statements that they bear on.
  function reach(words) {
    if (!source || !words.length) return { hits: 0, statements: new Set() };
    const rows = fitting(words);
    const { bearings, claims } = data();
    const statements = new Set();
    for (const place of new Set(rows.map((row) => row[BEARING]))) {
      for (const claim of bearings[place]) statements.add(claims[claim][1]);
    }
    return { hits: rows.length, statements };
  }

  // The list and what narrows it.
  let sheet = 0;
  let order = null; // what it is sorted by, and whether the order is turned round
  let turned = false;
  let found = [];
  const field = make("input", { type: "search", id: "find-finding", autocomplete: "off", spellcheck: false });
  const state = make("p", { className: "state" });
  state.setAttribute("role", "status");
  const body = make("tbody");
  const headings = new Map();
  const selects = new Map();
  const pagers = [];
  const part = make("details", { className: "all" });

  const ways = {
    outcome: ["Outcome", (row) => row[OUTCOME], (place) => data().outcomes[place][2]],
    check: ["Check", (row) => row[CHECK], (place) => `${data().checks[place][1]} (${data().checks[place][2]})`],
    claim: ["Claim", null, (place) => `${data().claims[place][2]} · ${data().claims[place][3]}`],
    region: ["Region", (row) => data().resources[row[RESOURCE]][REGION], (region) => region],
    account: ["Account", (row) => data().resources[row[RESOURCE]][ACCOUNT], (account) => account],
  };
  const values = (way, row) => (way === "claim" ? data().bearings[row[BEARING]] : [ways[way][1](row)]);

  function choice(way) {
    const counts = new Map();
    for (const row of data().rows) for (const value of values(way, row)) counts.set(value, (counts.get(value) ?? 0) + 1);
    const [label, , told] = ways[way];
    const select = make("select", { id: `by-${way}` }, make("option", { value: "" }, "all"));
    const options = [...counts].map(([value, number]) => [told(value), value, number]);
    if (way === "outcome") options.sort(([, one], [, other]) => one - other);
    else options.sort(([one], [other]) => one.localeCompare(other, "en", { numeric: true }));
    for (const [text, value, number] of options) {
      select.append(make("option", { value: String(value) }, `${text} – ${count(number)}`));
    }
    select.addEventListener("change", refresh);
    selects.set(way, select);
    return make("div", {}, make("label", { htmlFor: select.id }, label), select);
  }

  const sorts = {
    Outcome: () => (row) => row[OUTCOME],
    Resource: () => ranked(data().resources.map((row) => row[NAME]), RESOURCE),
    Reason: () => ranked(data().texts, REASON),
  };
  function ranked(texts, column) {
    const { compare } = new Intl.Collator("en", { numeric: true });
    const places = new Map([...new Set(texts)].sort(compare).map((text, place) => [text, place]));
    return (row) => places.get(texts[row[column]]);
  }
  function sort(name) {
    turned = order === name && !turned;
    order = name;
    for (const [other, heading] of headings) {
      if (other === name) heading.setAttribute("aria-sort", turned ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    }
    refresh();
  }

  function refresh() {
    found = fitting(asked(field.value));
    for (const [way, select] of selects) {
      if (select.value) found = found.filter((row) => values(way, row).some((value) => String(value) === select.value));
    }
    if (order) {
      const key = sorts[order]();
      found = found.map((row) => [key(row), row]).sort(turned ? ([a], [b]) => b - a : ([a], [b]) => a - b).map(([, row]) => row);
    }
    sheet = 0;
    draw();
  }

  function turn(by) {
    sheet += by;
    draw();
    part.scrollIntoView();
  }

  function draw() {
    const first = sheet * SHEET;
    const shown = found.slice(first, first + SHEET);
    body.replaceChildren(...shown.map(drawn));
    for (const [back, on] of pagers) {
      back.disabled = !sheet;
      on.disabled = first + SHEET >= found.length;
    }
    const all = data().rows.length;
    const narrowed = found.length < all ? ` that fit, of ${count(all)}` : "";
    state.textContent = found.length
      ? `${count(first + 1)}–${count(first + shown.length)} of ${count(found.length)} findings${narrowed}`
      : `no finding fits, of ${count(all)}`;
  }

  const sub = (...children) => make("span", { className: "sub" }, ...children);
  const apart = (text) => make("bdi", {}, text);
  function drawn(row) {
    const { outcomes, checks, resources, texts, claims, bearings, digests, proofs } = data();
    const [word, symbol, told] = outcomes[row[OUTCOME]];
    const resource = resources[row[RESOURCE]];
    const [id, title, severity] = checks[row[CHECK]];
    const mark = make("span", {}, symbol);
    mark.setAttribute("aria-hidden", "true");
    const proof = proofs[row[PROOF]].flatMap((place) => [
      make("br"), make("span", { title: digests[place] }, `↳ ${digests[place].slice(0, 12)}`),
    ]);
    const bears = bearings[row[BEARING]].flatMap((place) => [
      ", ", make("a", { className: "nowrap", href: `#${claims[place][1]}`, title: claims[place][3] }, claims[place][2]),
    ]);
    const note = texts[row[NOTE]];
    return make("tr", {},
      make("td", { className: "outcome" }, make("span", { className: word }, mark, ` ${told}`), sub(severity)),
      make("td", {}, make("span", { title: resource[LONG] }, apart(resource[NAME])), " ",
        sub(apart(resource[KIND])), sub(apart(resource[REGION]), " · ", apart(resource[ACCOUNT]))),
      make("td", {}, apart(texts[row[REASON]]), " ", ...(note ? [sub(apart(note))] : []),
        sub(title, ...(bears.length ? [" · for ", ...bears.slice(1)] : [])), sub(make("code", {}, id))),
      make("td", { className: "digests" }, make("span", { title: row[ID] }, row[ID].slice(0, 12)), ...proof));
  }

  function pager(...more) {
    const pair = [pressed(`Previous ${SHEET}`, () => turn(-1)), pressed(`Next ${SHEET}`, () => turn(1))];
    pagers.push(pair);
    return make("div", { className: "acts" }, ...pair, ...more);
  }

  function build() {
    if (part.querySelector("table")) return;
    const row = make("tr");
    for (const name of ["Outcome", "Resource", "Reason", "Finding and evidence"]) {
      const heading = make("th", {}, name in sorts ? pressed(name, () => sort(name)) : name);
      if (name in sorts) headings.set(name, heading);
      row.append(heading);
    }
    const table = make("table", { className: "stack findings" },
      make("caption", { className: "unseen" }, "All findings"), make("thead", {}, row), body);
    const finder = make("div", { className: "field" }, make("label", { htmlFor: field.id }, "Find in all findings"), field);
    const controls = make("div", { className: "controls" }, finder, ...Object.keys(ways).map(choice),
      pager(pressed("Show all", () => show({}))), state);
    part.append(controls, make("div", { className: "scroll" }, table), make("div", { className: "controls last" }, pager()));
    field.addEventListener("input", refresh);
    refresh();
  }

  // Opens the list, narrowed to words or to a claim's anchor, or to neither.
  function show({ words = "", claim = "" }) {
    build();
    field.value = words;
    for (const select of selects.values()) select.value = "";
    if (claim) selects.get("claim").value = String(data().claims.findIndex(([anchor]) => anchor === claim));
    refresh();
    part.open = true;
    chapter.scrollIntoView();
  }

  if (source) {
    const total = Number(chapter.dataset.held);
    part.append(make("summary", {}, `List ${count(total)} ${total === 1 ? "finding" : "findings"}: find, narrow down, sort`));
    part.addEventListener("toggle", () => part.open && build());
    chapter.append(part);
    for (const table of document.querySelectorAll("table[data-all]")) {
      if (Number(table.dataset.all) <= table.tBodies[0].rows.length) continue;
      const claim = table.closest(".claim").id;
      const text = `List all ${count(Number(table.dataset.all))} findings of this claim`;
      table.parentElement.after(make("p", { className: "onward" }, pressed(text, () => show({ claim }))));
    }
  }
  return { reach, show };
})();
