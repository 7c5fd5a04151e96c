// Measures how long a page takes to be read and used, in milliseconds, and looks for a finding that it does not draw.
//
//     CHROMIUM=/usr/bin/chromium node opens.mjs file:///…/report.html WORDS
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { opened, withBrowser } from "./browser.mjs";

const [url, words] = process.argv.slice(2);

await withBrowser(async (browser) => {
  const { page, faults, close } = await opened(browser, url);
  const found = await page.evaluate(() => {
    const [{ domInteractive, loadEventEnd }] = performance.getEntriesByType("navigation");
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    return { interactive: Math.max(domInteractive, loadEventEnd), paint: paint ? paint.startTime : null };
  });
  found.bytes = statSync(fileURLToPath(url)).size;
  const timed = async (name, act) => {
    const started = Date.now();
    await act();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    found[name] = Date.now() - started;
  };
  const state = () => page.innerText("#findings [role=status]");
  const rows = () => page.$$eval("#findings tbody tr", (all) => all.length);

  await timed("search", () => page.fill("#find", words));
  found.statements = await page.$$eval("article.statement:not([hidden])", (all) => all.length);
  await timed("list", () => page.click("text=/^List the .* that fit/"));
  found.fitting = [await state(), await rows()];
  await timed("whole", () => page.click("#findings >> text=Show all"));
  found.first = [await state(), await rows()];
  await timed("next", () => page.click("#findings >> text=Next 200 >> nth=0"));
  found.second = [await state(), await rows()];
  await timed("sort", () => page.click("#findings th button >> nth=1"));
  await timed("narrow", () => page.selectOption("#by-outcome", { index: 1 }));
  found.narrowed = [await state(), await rows()];
  found.faults = faults;
  await close();
  console.log(JSON.stringify(found));
});
