import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FrameLocator, Page } from "playwright-core";
import { checkout } from "../../src/build/checkout.ts";
import { startBridge } from "../conformance/bridge.ts";
import { TEST_WRITER } from "../demo/day.ts";
import { absence, hasChromium, launch } from "../page/chromium.ts";
import { writeDemoProject } from "../readme/demo-project.ts";
import { installInspector, startInspector } from "./inspector.ts";

// `npm run apps`: the page of the dashboard inside a client that was made by others, the newest MCP Inspector, in Chromium.

const say = (text: string) => void process.stdout.write(`${text}\n`);
const server = join(checkout, "dist", "main.js");
const place = mkdtempSync(join(tmpdir(), "kaizen-apps-"));
const project = join(place, "project");
const pictures = process.env.KAIZEN_PICTURES ?? join(place, "pictures");
/** The Inspector has its own start, a proxy and two frames before the page is there. */
const LONGEST_MS = 30_000;

if (!hasChromium) throw new Error(absence);
say(`${installInspector()}\n`);
for (const folder of [project, pictures]) mkdirSync(folder, { recursive: true });
await writeDemoProject(project);
const bridge = await startBridge(process.execPath, [server, "serve", "--root", project], (message) => message);
const inspector = await startInspector(place);
const browser = await launch();
let failures = 0;
try {
  await shown("list_agents", {}, "light", async (app) => {
    for (const agent of [TEST_WRITER, "code-reviewer"])
      await app.locator("table a", { hasText: agent }).first().waitFor();
  });
  await shown("list_agents", {}, "dark", async (app) => {
    await app.locator("table a", { hasText: TEST_WRITER }).first().click();
    await app.getByRole("heading", { level: 1, name: TEST_WRITER }).waitFor();
  });
  await shown("get_summary", { agent: TEST_WRITER }, "light", async (app) => {
    await app.getByRole("heading", { level: 1, name: TEST_WRITER }).waitFor();
  });
} finally {
  await browser.close();
  await inspector.close();
  bridge.close();
  rmSync(place, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;

/** Opens the app of a tool, takes its picture, and says whether it shows what it has to. */
async function shown(tool: string, args: object, theme: "light" | "dark", check: (app: FrameLocator) => Promise<void>) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 }, colorScheme: theme });
  page.setDefaultTimeout(LONGEST_MS);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // The Inspector asks for fonts from elsewhere, which need not be there.
    const isOfInspector = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isOfInspector) complaints.push(message.text());
  });
  try {
    await page.goto(inspector.addressOf(bridge.url, tool, args));
    const app = appIn(page);
    await app.locator("body[data-app-status]").waitFor();
    const status = await app.locator("body").getAttribute("data-app-status");
    if (status !== "ready") throw new Error(`its status is ${status}`);
    await check(app);
    say(`pass  ${tool} ${JSON.stringify(args)}, ${theme}`);
  } catch (error) {
    failures += 1;
    say(`FAIL  ${tool} ${JSON.stringify(args)}, ${theme}: ${error instanceof Error ? error.message : error}`);
  }
  failures += complaints.length;
  for (const complaint of complaints) say(`FAIL  the browser says: ${complaint}`);
  await page.screenshot({ path: join(pictures, `inspector-${tool}-${theme}.png`) });
  await page.close();
}

/** A frame of another origin holds the one with the page. */
function appIn(page: Page): FrameLocator {
  return page.frameLocator("iframe").frameLocator("iframe");
}
