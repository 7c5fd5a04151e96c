// Prints a page on A4, as it opens, with one statement opened, and without script: how many sheets, and what they say.
import { opened, paper, withBrowser } from "./browser.mjs";

const [url] = process.argv.slice(2);
const sheets = (pdf) => pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
const seen = {};

// What of a page is drawn on paper.
const drawn = (page) =>
  page.evaluate(() => {
    const count = (found) => [...document.querySelectorAll(found)].filter((one) => one.checkVisibility()).length;
    return { statements: count("article.statement"), short: count(".paper"), claims: count(".claim"),
      controls: count(".controls, .onward, summary, input, select") };
  });

await withBrowser(async (browser) => {
  for (const [name, script, open] of [["plain", true, 0], ["opened", true, 1], ["scriptless", false, 0]]) {
    const { page, close } = await opened(browser, url, { script, scheme: "dark" });
    if (open) await page.evaluate(() => (document.querySelector("article.statement:has(.claim) details").open = true));
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    seen[name] = await drawn(page);
    seen[name].background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ media: null, colorScheme: "dark" });
    seen[name].sheets = sheets(await paper(page));
    await close();
  }
});
console.log(JSON.stringify(seen));
