// Opens pages in a headless Chromium that can reach nothing, and hands over what went wrong in them.
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export async function withBrowser(use) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args: FLAGS });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

export async function opened(browser, url, { width = 1280, scheme = "light", script = true } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 900 }, colorScheme: scheme, javaScriptEnabled: script, reducedMotion: "reduce",
    offline: true,
  });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== url) faults.push(`asked for ${request.url()}`);
  });
  await page.goto(url, { waitUntil: "load" });
  return { page, faults, close: () => context.close() };
}

// The page as a reader's printer gets it; the style sheet of the page says what a sheet looks like.
export const paper = (page, path) => page.pdf({ path, format: "A4", preferCSSPageSize: true, printBackground: true });
