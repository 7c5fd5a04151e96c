// Uses a page as a reader would, by keyboard and mouse, and prints what was seen of it at each step.
import { opened, withBrowser } from "./browser.mjs";

const [url] = process.argv.slice(2);
const seen = {};
const DOORS = '[data-statement="C-3"]';

const shown = (page) =>
  page.$$eval("article.statement:not([hidden])", (found) => found.map((one) => one.dataset.statement));
const outcomes = (page, turn) =>
  page.$eval(`${DOORS} table.findings`, (table, column) => [...table.tBodies[0].rows].map((row) => row.cells[column].innerText.trim()), turn);

await withBrowser(async (browser) => {
  const plain = await opened(browser, url, { script: false });
  seen.controlsWithoutScript = await plain.page.$$eval(".controls, button, input", (found) => found.length);
  seen.shownWithoutScript = await shown(plain.page);
  seen.faultsWithoutScript = plain.faults;
  await plain.close();

  const { page, faults, close } = await opened(browser, url);
  seen.all = await shown(page);
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.id === "find")) {
      seen.searchReached = true;
      break;
    }
  }
  await page.keyboard.type("TRAINED every");
  seen.byStatement = await shown(page);
  seen.state = await page.innerText("[role=status]");
  await page.fill("#find", "open-03");
  seen.byFinding = await shown(page);
  seen.rowsByFinding = await page.$$eval("article:not([hidden]) .findings tbody tr:not([hidden])", (rows) => rows.length);
  seen.openedByFinding = await page.$$eval("article:not([hidden]) details", (found) => found.every((one) => one.open));
  seen.listOffered = await page.innerText("text=/^List the/");
  seen.visibleByFinding = await page.isVisible("article:not([hidden]) .findings tbody tr:not([hidden])");
  await page.fill("#find", "no such words anywhere");
  seen.byNothing = await shown(page);
  await page.fill("#find", "");
  seen.closedAgain = await page.$$eval("article details[open]", (found) => found.length);
  await page.focus('[data-choice="unknown"]');
  await page.keyboard.press("Space");
  seen.byVerdict = await shown(page);
  seen.pressed = await page.getAttribute('[data-choice="unknown"]', "aria-pressed");
  await page.click('[data-choice="contradicted"]');
  seen.byTwoVerdicts = await shown(page);
  await page.click('.strip a[title^="C-6"]');
  await page.waitForFunction(() => !document.querySelector('[data-statement="C-6"]').hidden);
  seen.afterLink = await shown(page);
  await page.click("text=Open all");
  seen.open = await page.$$eval("article details:not([open])", (found) => found.length);
  await page.click(`${DOORS} .findings th button >> nth=0`);
  seen.sorted = await outcomes(page, 0);
  await page.click(`${DOORS} .findings th button >> nth=0`);
  seen.turned = await outcomes(page, 0);
  await page.click(`${DOORS} .findings th button >> nth=1`);
  seen.resources = await outcomes(page, 1);
  seen.ariaSort = await page.$$eval(`${DOORS} table.findings th`, (all) => all.map((one) => one.getAttribute("aria-sort")));
  await page.click(`[data-statement="C-1"] .onward button`);
  seen.ofClaim = await page.innerText("#findings [role=status]");
  seen.claimChosen = await page.$eval("#by-claim", (select) => select.selectedOptions[0].textContent);
  await page.selectOption("#by-outcome", "1");
  seen.narrowedTwice = await page.innerText("#findings [role=status]");
  seen.drawn = await page.$$eval("#findings tbody tr", (rows) => rows.length);
  await page.click("#findings tbody td a >> nth=0");
  seen.ledTo = await page.evaluate(() => document.querySelector(location.hash).dataset.statement);
  await page.fill("#find-finding", "no such finding");
  seen.noneFits = await page.innerText("#findings [role=status]");
  await page.click("text=Close all");
  seen.closed = await page.$$eval("article details[open]", (found) => found.length);
  seen.faults = faults;
  await close();
});
console.log(JSON.stringify(seen));
