import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { complaintsOf, launch } from "./chromium.ts";
import type { Project } from "./fixtures.ts";
import { servePage } from "./page-server.ts";
import { now } from "./simulated-agent.ts";

const pictures = process.env.KAIZEN_PICTURES;
export const refused = /status of 40[14]/;

/** A browser for the tests of a file, which starts before them and ends after them. */
export function useBrowser() {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  const newContext = async (options?: BrowserContextOptions) => {
    if (browser === undefined) throw new Error("no browser was started");
    return browser.newContext(options);
  };

  /** Opens the page as a browser does that was given its address, and closes everything afterwards. */
  async function visit(
    project: Project,
    route: string,
    use: (page: Page, server: Awaited<ReturnType<typeof servePage>>, complaints: string[]) => Promise<void>,
    options: BrowserContextOptions = {},
  ) {
    const server = await servePage(project);
    const context = await newContext({ viewport: { width: 1240, height: 900 }, ...options });
    try {
      const page = await context.newPage();
      await page.clock.setFixedTime(now);
      const complaints = complaintsOf(page, server.address);
      await page.goto(`${server.address}#k=CODE${route === "" ? "" : `&${route}`}`);
      await page.waitForSelector("[data-app-status]");
      await use(page, server, complaints);
      expect(complaints.filter((complaint) => !(route.includes("gone") && refused.test(complaint)))).toEqual([]);
    } finally {
      await context.close();
      await server.close();
    }
  }
  return { newContext, visit };
}

const standards = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds against WCAG 2.2 AA, or by some of its rules. */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // The page's own policy forbids foreign scripts; a browser that is driven may run one.
  if (await page.evaluate("typeof axe === 'undefined'")) await page.evaluate(axe.source);
  // What is not looked at below is not worked out: how each element is found again, and what else is in order.
  const options = { runOnly: rules ?? standards, resultTypes: ["violations"], selectors: false };
  const found = await page.evaluate<{
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  }>(`axe.run(document, ${JSON.stringify(options)})`);
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}

/** Pictures are for people: a comparison of pixels breaks on another font. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}
