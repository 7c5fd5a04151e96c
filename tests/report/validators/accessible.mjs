// Runs axe over pages, everything in them opened, in light and dark, on a desk and on a phone: prints the violations.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { opened, withBrowser } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const violations = [];

await withBrowser(async (browser) => {
  for (const url of process.argv.slice(2)) {
    for (const scheme of ["light", "dark"]) {
      for (const width of [1280, 390]) {
        const { page, faults, close } = await opened(browser, url, { width, scheme });
        await page.evaluate(() => document.querySelectorAll("details").forEach((part) => (part.open = true)));
        await page.evaluate(axe);
        const found = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wide > 0) faults.push(`scrolls sideways by ${wide} px`);
        for (const { id, help, nodes } of found.violations) {
          violations.push({ page: url, scheme, width, id, help, nodes: nodes.length, first: nodes[0].html.slice(0, 200) });
        }
        for (const fault of faults) violations.push({ page: url, scheme, width, id: "fault", help: fault });
        await close();
      }
    }
  }
});
console.log(JSON.stringify(violations));
