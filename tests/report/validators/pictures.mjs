// Takes pictures of pages for people to look at: light, dark, on a phone, and on paper.
//
//     CHROMIUM=/usr/bin/chromium node pictures.mjs FOLDER PAGE.html...
//
// Each page gives NAME-light.png, -dark.png and -phone.png, whole and with the first two statements that have claims
// opened, and NAME.pdf as it prints with nothing opened; where pdftoppm is installed, NAME-paper-NN.png as well.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { opened, paper, withBrowser } from "./browser.mjs";

const FORMS = [["light", 1280, "light"], ["dark", 1280, "dark"], ["phone", 390, "light"]];
const TALLEST = 12000; // pixels: Chromium draws no picture much taller
const [folder, ...pages] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

await withBrowser(async (browser) => {
  for (const file of pages) {
    const url = pathToFileURL(resolve(file)).href;
    const named = (rest) => join(folder, basename(file, ".html") + rest);
    for (const [form, width, scheme] of FORMS) {
      const { page, close } = await opened(browser, url, { width, scheme });
      await page.evaluate(() => {
        const judged = [...document.querySelectorAll("article.statement")].filter((one) => one.querySelector(".claim"));
        for (const one of judged.slice(0, 2)) one.querySelector("details").open = true;
        for (const one of document.querySelectorAll("article.statement")) one.style.contentVisibility = "visible";
      });
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      for (let top = 0, part = 1; top < height; top += TALLEST, part += 1) {
        const clip = { x: 0, y: top, width, height: Math.min(TALLEST, height - top) };
        await page.screenshot({ path: named(`-${form}${part > 1 ? `-${part}` : ""}.png`), fullPage: true, clip });
      }
      await close();
    }
    const { page, close } = await opened(browser, url);
    await paper(page, named(".pdf"));
    await close();
    spawnSync("pdftoppm", ["-png", "-r", "70", named(".pdf"), named("-paper")]);
  }
});
