// Measures how long a page takes to be read and used, in milliseconds from the start of navigation.
import { opened, withBrowser } from "./browser.mjs";

await withBrowser(async (browser) => {
  const { page, close } = await opened(browser, process.argv[2]);
  const found = await page.evaluate(() => {
    const [{ domInteractive, loadEventEnd }] = performance.getEntriesByType("navigation");
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    return { interactive: Math.max(domInteractive, loadEventEnd), paint: paint ? paint.startTime : null };
  });
  found.bytes = await page.evaluate(() => new Blob([document.documentElement.outerHTML]).size);
  const started = Date.now();
  await page.fill("#find", "open-03");
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  found.search = Date.now() - started;
  await close();
  console.log(JSON.stringify(found));
});
