import { opened, withBrowser } from "./browser.mjs";
const [url, out] = process.argv.slice(2);
await withBrowser(async (b) => {
  for (const [n, o] of [["light", {}], ["dark", { scheme: "dark" }], ["phone", { width: 390 }]]) {
    const { page, faults, close } = await opened(b, url, o);
    await page.screenshot({ path: `${out}/${n}.png` });
    await page.evaluate(() => { for (const d of document.querySelectorAll("article[data-verdict=contradicted] details")) { d.open = true; d.scrollIntoView(); break; } scrollBy(0,-200); });
    await page.screenshot({ path: `${out}/${n}-open.png` });
    await page.evaluate(() => document.querySelector("#coverage").scrollIntoView());
    await page.screenshot({ path: `${out}/${n}-coverage.png` });
    if (n === "light") await page.pdf({ path: `${out}/print.pdf`, format: "A4", margin: { top: "15mm", bottom: "15mm", left: "15mm", right: "15mm" } });
    console.log(n, faults);
    await close();
  }
});
