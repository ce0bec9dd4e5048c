import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DashboardServer } from "../../src/dashboard/server.ts";
import { sourceOf } from "../../src/dashboard/source.ts";
import { createLog } from "../../src/log.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { TEST_WRITER } from "../demo/day.ts";
import { absence, hasChromium, launch } from "../page/chromium.ts";
import { kaizenOver, NOW, playDemo } from "../readme/demo-project.ts";
import { checkout } from "../support/server-process.ts";

/** `npm run pictures`: takes the pictures of the manual from the demo's project, in Chromium. Build first. */

const folder = join(checkout, "src", "manual", "pictures");
const WIDTH = 1240;
/** A repository is no place for large pictures, and a reader loads two at most. */
const MOST_BYTES = 120_000;

/** The pictures end above this heading: what is over it tells the story. */
const END = "Failures that recur";
const scenes = [
  { name: "overview", agent: undefined },
  { name: "agent", agent: TEST_WRITER },
];

if (!hasChromium) throw new Error(absence);
const root = mkdtempSync(join(tmpdir(), "kaizen-pictures-"));
const clock = { at: NOW };
const now = () => clock.at;
const kaizen = kaizenOver(createJsonlStore({ projectRoot: root, now, retentionDays: 180, onNotice: () => {} }), now);
await playDemo(kaizen, clock);
const built = (name: string) => readFileSync(join(checkout, "dist", "page", name), "utf8");
const server = await DashboardServer.start({
  source: sourceOf(kaizen, "shop"),
  page: { script: built("page.js"), style: built("page.css") },
  log: createLog((text) => process.stderr.write(text)),
  now: Date.now,
  port: 0,
});
mkdirSync(folder, { recursive: true });
const browser = await launch();
try {
  for (const colorScheme of ["light", "dark"] as const) for (const scene of scenes) await take(scene, colorScheme);
} finally {
  await browser.close();
  await server.close();
  await kaizen.close();
  rmSync(root, { recursive: true });
}

async function take({ agent, name }: (typeof scenes)[number], colorScheme: "light" | "dark"): Promise<void> {
  const context = await browser.newContext({
    colorScheme,
    reducedMotion: "reduce",
    viewport: { width: WIDTH, height: 900 },
  });
  const page = await context.newPage();
  // The page says how long ago things were.
  await page.clock.setFixedTime(NOW);
  await page.goto(server.newAddress({ agent }));
  const end = page.getByRole("heading", { level: 2, name: END });
  await end.waitFor();
  const { y } = (await end.boundingBox()) ?? { y: 900 };
  const path = join(folder, `${name}-${colorScheme}.png`);
  await page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width: WIDTH, height: Math.floor(y) - 24 } });
  await context.close();
  const { size } = statSync(path);
  process.stdout.write(`${path.slice(checkout.length)}: ${size.toLocaleString("en")} bytes\n`);
  if (size > MOST_BYTES) throw new Error(`${path} is larger than ${MOST_BYTES} bytes`);
}
