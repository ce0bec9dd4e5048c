import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { DashboardServer } from "../../src/dashboard/server.ts";
import { sourceOf } from "../../src/dashboard/source.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createLog } from "../../src/log.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { hasChromium, launch } from "../page/chromium.ts";
import { agentNamed, REVIEWER } from "../support/runs.ts";
import { checkout } from "../support/server-process.ts";
import { freshId, temporaryProject, writeHistory } from "./history.ts";
import { inMs, measureInTurns, times } from "./measure.ts";
import type { Bench } from "./recording.ts";
import type { Row } from "./table.ts";

const HISTORY_DAYS = 100;
const FEW_RUNS = 1_000;
/** As many as MCP's read_executions looks at before it answers. */
const LOOKED_AT = 20_000;

const inKilobytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value)) / 1000;
const kB = (kilobytes: number) => `${kilobytes.toFixed(1)} kB`;

function kaizenIn(root: string): Kaizen {
  const store = createJsonlStore({ projectRoot: root, retentionDays: 180, now: Date.now, onNotice: () => {} });
  return new Kaizen({ store, now: Date.now, randomHex: () => freshId().slice(4), retentionDays: 180 });
}

/** Agents with all that a page shows of them: failures of several kinds, verifications, hooks, advice that was adopted. */
async function writeAgents(kaizen: Kaizen, count: number, runsOfEach: number): Promise<void> {
  const names = Array.from({ length: count }, (_, place) => `agent-of-the-shop-${place}`);
  for (const [place, agent] of names.entries()) await writeAgent(kaizen, agent, runsOfEach, 0.8 + (place % 20) / 100);
  const recommendations = names.map((agent) => ({
    agent,
    title: "Start the database container once, before all tests",
  }));
  const { recommendation_ids: ids } = await kaizen.writeAnalysis({ report: {}, recommendations });
  for (const id of ids.filter((_, place) => place % 3 === 0))
    await kaizen.updateRecommendation({ id, status: "adopted" });
}

async function writeAgent(kaizen: Kaizen, agent: string, runs: number, rate: number): Promise<void> {
  const begin = Date.now() - 20 * DAY_MS;
  const isGood = (run: number) => ((run * 37) % 100) / 100 < rate;
  const recorded = Array.from({ length: runs }, async (_, run) => {
    const error = `container db-${run} did not accept connections at /srv/place-${"abcd"[run % 4]} within 30 s`;
    const { id } = await kaizen.record({
      agent,
      success: isGood(run),
      execution_time_s: 20 + (run % 9),
      task: run % 2 === 0 ? "review" : "write-tests",
      timestamp: formatInstant(begin + (run / runs) * 20 * DAY_MS),
      ...(isGood(run) ? {} : { error_type: `Timeout${"ABCD"[run % 4]}Error`, error }),
    });
    if (run % 5 === 0) await kaizen.verify({ agent, execution_id: id ?? "", success: isGood(run), verified_by: "ci" });
  });
  await Promise.all(recorded);
  for (const key of ["one", "two"]) {
    await kaizen.observe(agentNamed(agent), { key: `${agent}-${key}`, event: "started" });
  }
}

/** The overview of a hundred agents: nothing has changed, and one agent has. */
export async function benchOverview(): Promise<Row[]> {
  const project = temporaryProject();
  const kaizen = kaizenIn(project.root);
  await writeAgents(kaizen, 100, 200);
  const overview = () => kaizen.dashboard.overview("shop");
  const record = () => kaizen.record({ agent: "agent-of-the-shop-7", success: true });
  const figures = await measureInTurns(
    {
      list: () => kaizen.listAgents(),
      overview,
      record,
      changed: overview,
    },
    { count: 25, warmUp: 5 },
  );
  const bytes = inKilobytes(await overview());
  await kaizen.close();
  project.remove();
  return [
    {
      what: "overview of 100 agents, warm",
      figure: `${inMs(figures.overview.medianMs)}, ${kB(bytes)}`,
      against: `reach: 100 ms, 120 kB; the list of the same agents: ${inMs(figures.list.medianMs)}`,
      ratio: times(figures.overview.medianMs / figures.list.medianMs),
    },
    {
      what: "the same, after one agent recorded",
      figure: inMs(figures.changed.medianMs),
      against: `where nothing changed: ${inMs(figures.overview.medianMs)}`,
      ratio: times(figures.changed.medianMs / figures.overview.medianMs),
    },
  ];
}

/** What is shown of one agent, and what is searched, with the largest history against one of a thousand runs. */
export async function benchHistoryShown({ sizes }: Pick<Bench, "sizes">): Promise<Row[]> {
  const many = sizes.at(-1) ?? 0;
  const [full, small] = [await shownHistory(many), await shownHistory(FEW_RUNS)];
  const figures = await measureInTurns(
    {
      window: () => full.window(),
      windowSmall: () => small.window(),
      agent: () => full.agent(),
      agentSmall: () => small.agent(),
    },
    { count: 25, warmUp: 5 },
  );
  const searches = await measureInTurns(
    { page: () => full.search(), pageSmall: () => small.search(), tool: () => full.toolSearch() },
    { count: 7, warmUp: 1 },
  );
  const bytes = { full: inKilobytes(await full.agent()), small: inKilobytes(await small.agent()) };
  const { searched } = await full.search();
  await Promise.all([full.close(), small.close()]);
  const [at, few] = [many.toLocaleString("en"), FEW_RUNS.toLocaleString("en")];
  const { page, pageSmall, tool } = searches;
  return [
    {
      what: `summary of the last day, at ${at} runs, warm`,
      figure: inMs(figures.window.medianMs),
      against: `at ${few}: ${inMs(figures.windowSmall.medianMs)}; reach: 30 ms`,
      ratio: times(figures.window.medianMs / figures.windowSmall.medianMs),
    },
    {
      what: `an agent's page, at ${at} runs, warm`,
      figure: `${inMs(figures.agent.medianMs)}, ${kB(bytes.full)}`,
      against: `at ${few}: ${inMs(figures.agentSmall.medianMs)}, ${kB(bytes.small)}; reach: 30 ms, as many bytes`,
      ratio: times(figures.agent.medianMs / figures.agentSmall.medianMs),
    },
    {
      what: `a search of the page that finds nothing, at ${at} runs: says that it looked at ${searched.toLocaleString("en")}`,
      figure: inMs(page.medianMs),
      against: `at ${few}, all of them: ${inMs(pageSmall.medianMs)}; reach: 300 ms`,
      ratio: times(page.medianMs / pageSmall.medianMs),
    },
    {
      what: `\`read_executions\` that finds nothing, at ${at} runs: looks at ${LOOKED_AT.toLocaleString("en")}`,
      figure: inMs(tool.medianMs),
      against: `the page's search: ${inMs(page.medianMs)}; reach: 300 ms`,
      ratio: times(tool.medianMs / page.medianMs),
    },
  ];
}

async function shownHistory(runs: number) {
  const project = temporaryProject();
  writeHistory(project.root, runs, HISTORY_DAYS);
  const kaizen = kaizenIn(project.root);
  await kaizen.record({ agent: REVIEWER, success: true });
  return {
    window: () => kaizen.summary(REVIEWER, { sinceAt: Date.now() - DAY_MS }),
    agent: () => kaizen.dashboard.agent(REVIEWER, "shop"),
    search: () => kaizen.dashboard.runs({ agent: REVIEWER, text: "no run has this text" }),
    toolSearch: () =>
      kaizen.executions(REVIEWER, { filter: { task: "no run has this task" }, limit: 20, budget: LOOKED_AT }),
    async close() {
      await kaizen.close();
      project.remove();
    },
  };
}

/** From asking for the page to its rows in a browser that runs, against an empty page in the same browser. */
export async function benchFirstPaint(): Promise<Row[]> {
  const what = "the page of 10 agents in Chromium, to its rows";
  if (!hasChromium) return [{ what, figure: "no Chromium", against: "", ratio: "" }];
  const project = temporaryProject();
  const kaizen = kaizenIn(project.root);
  await writeAgents(kaizen, 10, 200);
  const built = (name: string) => readFileSync(join(checkout, "dist", "page", name), "utf8");
  const server = await DashboardServer.start({
    source: sourceOf(kaizen, "shop"),
    page: { script: built("page.js"), style: built("page.css") },
    log: createLog(() => {}),
    now: Date.now,
    port: 0,
  });
  const browser = await launch();
  try {
    const { empty, page } = await measureInTurns(
      {
        empty: () => visit(browser, "about:blank", "html"),
        page: () => visit(browser, server.newAddress(), "tbody tr"),
      },
      { count: 15, warmUp: 3 },
    );
    return [
      {
        what,
        figure: inMs(page.medianMs),
        against: `about:blank: ${inMs(empty.medianMs)}; reach: 500 ms`,
        ratio: times(page.medianMs / empty.medianMs),
      },
    ];
  } finally {
    await browser.close();
    await server.close();
    await kaizen.close();
    project.remove();
  }
}

async function visit(browser: Browser, address: string, awaited: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1240, height: 900 } });
  await page.goto(address);
  await page.locator(awaited).first().waitFor();
  await page.close();
}
