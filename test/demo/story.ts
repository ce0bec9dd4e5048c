import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { openKaizen } from "../../src/open-kaizen.ts";
import { changeByHand, sinceThenByHand, trialByHand } from "./by-hand.ts";
import { type DemoReport, eveningAnalysis, firstDay, REVIEWER, secondDay, TEST_WRITER } from "./day.ts";
import type { Session } from "./session.ts";

/** Where the demo happens: the connection, the project's folder, the clock, and where its words go. */
export interface Stage {
  readonly session: Session;
  readonly projectRoot: string;
  readonly now: number;
  say(text: string): void;
}

/** A scene has a heading, and shows what one of the people or agents of a project does. */
interface Scene {
  readonly heading: string;
  play(stage: Stage): Promise<void>;
}

const scenes: readonly Scene[] = [
  {
    heading: "Two agents work for a day (record_execution); some runs are checked (verify_execution)",
    play: reportTheDay,
  },
  { heading: "A report is sent twice, another is wrong", play: reportBadly },
  { heading: "Who fails most? (list_agents, sorted by success_rate)", play: compareAgents },
  { heading: "What went wrong? (read_executions, failures only)", play: readFailures },
  { heading: "An optimizer writes what should change (write_optimizer_analysis)", play: advise },
  { heading: "What the test writer reads in the evening (get_brief)", play: readBrief },
  { heading: "The change by hand, from the file alone", play: checkChangeByHand },
  { heading: "The advice is taken, and a second day follows (update_recommendation)", play: adopt },
  { heading: "What the test writer reads on the second evening (get_brief)", play: readBrief },
  { heading: "The runs since then by hand, from the files alone", play: checkSinceByHand },
  { heading: "Does the advice to the reviewer help? A trial tells (recommendations trial)", play: tryAdvice },
  { heading: "What is left in the project", play: showFiles },
];

/** Plays both days from the first report to the files that they leave. */
export async function playDays(stage: Stage): Promise<void> {
  for (const [index, { heading, play }] of scenes.entries()) {
    stage.say(`\n--- ${index + 1}. ${heading}\n`);
    await play(stage);
  }
}

async function reportTheDay(stage: Stage): Promise<void> {
  const reports = firstDay(stage.now);
  stage.say(`One report, as it is sent:\n${JSON.stringify(reports.at(-1)?.run, null, 2)}\n`);
  stage.say("The day, one sign a run (. success, x failure), morning | afternoon:");
  const { marks, refuted } = await report(stage, reports);
  for (const [agent, signs] of marks) {
    stage.say(`  ${agent.padEnd(14)} ${signs.slice(0, signs.length / 2)} | ${signs.slice(signs.length / 2)}`);
  }
  stage.say("\nThe project's tests checked three runs of the test writer. One had claimed a success that was none:");
  for (const { execution_id: id, claimed, verified, verified_by: by } of refuted) {
    stage.say(`  ${id}: success claimed ${claimed}, verified ${verified} (${by})`);
  }
}

interface Reported {
  /** Each agent's outcomes as it claims them, one sign a run. */
  readonly marks: ReadonlyMap<string, string>;
  /** What was answered to verifications that found something else than the run had claimed. */
  readonly refuted: readonly Record<string, unknown>[];
}

/** Sends runs and verifications as they come. */
async function report({ session }: Stage, reports: readonly DemoReport[]): Promise<Reported> {
  const marks = new Map<string, string>();
  const refuted: Record<string, unknown>[] = [];
  for (const { run, verification } of reports) {
    const { id } = await session.call("record_execution", run);
    marks.set(run.agent, (marks.get(run.agent) ?? "") + (run.success ? "." : "x"));
    if (verification === undefined) continue;
    const found = { agent: run.agent, execution_id: id, verified_by: "tests", ...verification };
    const receipt = await session.call("verify_execution", found);
    if (receipt.verified !== receipt.claimed) refuted.push(receipt);
  }
  return { marks, refuted };
}

async function reportBadly({ session, now, say }: Stage): Promise<void> {
  const again = firstDay(now).at(-1)?.run ?? {};
  const receipt = await session.call("record_execution", again);
  say(`The same report again, as after a lost answer: duplicate ${receipt.duplicate}, recorded ${receipt.recorded};`);
  say(`the agent still has ${receipt.execution_count} runs.`);
  say("A score in percent is refused, with what to send instead:");
  say(`  ${await session.refusal("record_execution", { ...again, idempotency_key: "other", quality_score: 85 })}`);
}

interface ListedAgent {
  readonly agent: string;
  readonly success: { readonly rate: number; readonly interval: readonly number[]; readonly evidence: string };
}

async function compareAgents({ session, say }: Stage): Promise<void> {
  const { agents } = await session.call("list_agents", { sort: "success_rate" });
  for (const { agent, success } of agents as ListedAgent[]) {
    const interval = success.interval.map((end) => end.toFixed(2)).join(" to ");
    say(`  ${agent.padEnd(14)} ${success.rate.toFixed(2)} (${interval}), verified outcomes in place of claims`);
    say(`  ${"".padEnd(14)} ${success.evidence}`);
  }
}

async function readFailures({ session, say }: Stage): Promise<void> {
  const { executions } = await session.call("read_executions", { agent: TEST_WRITER, success: false, limit: 3 });
  for (const { timestamp, error_type, error } of executions as Record<string, string>[]) {
    say(`  ${timestamp}  ${error_type}: ${error}`);
  }
}

async function advise({ session, say }: Stage): Promise<void> {
  const written = await session.call("write_optimizer_analysis", eveningAnalysis);
  say(JSON.stringify(written, null, 2));
}

async function readBrief({ session, say }: Stage): Promise<void> {
  say(await session.text("get_brief", { agent: TEST_WRITER, detail: "short" }));
}

interface ShownRecommendation {
  readonly id: string;
  readonly agent: string;
  readonly since_then: { readonly evidence: string };
}

async function adopt(stage: Stage): Promise<void> {
  const { session, projectRoot, now, say } = stage;
  const id = adviceFor(TEST_WRITER, projectRoot);
  const note = "one container for the whole test run";
  const adopted = await session.call("update_recommendation", { id, status: "adopted", note });
  say(`${id} is ${adopted.status}. Since then:`);
  say(`  ${(adopted as unknown as ShownRecommendation).since_then.evidence}`);
  say("What follows counts as after it: the order in the log decides, not the hour that a report names.");
  say("The next day:");
  const { marks } = await report(stage, secondDay(now));
  for (const [agent, signs] of marks) say(`  ${agent.padEnd(14)} ${signs}`);
}

/** The id of the advice to an agent, as it stands in the optimizer's file. */
function adviceFor(agent: string, projectRoot: string): string {
  const lines = readFileSync(join(projectRoot, ".kaizen/metrics/optimizer/recommendations.jsonl"), "utf8");
  const entries = lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return entries.find((entry) => entry.agent === agent).recommendations[0].id;
}

async function checkChangeByHand({ projectRoot, say }: Stage): Promise<void> {
  for (const line of changeByHand(join(projectRoot, ".kaizen/metrics"), TEST_WRITER)) say(line);
}

async function checkSinceByHand({ projectRoot, say }: Stage): Promise<void> {
  const metrics = join(projectRoot, ".kaizen/metrics");
  for (const line of sinceThenByHand(metrics, TEST_WRITER, adviceFor(TEST_WRITER, projectRoot))) say(line);
}

/** So many runs at most begin while the trial lasts: the coins fall otherwise each time. */
const MOST_TRIED = 120;

/**
 * What the hook does at the start of each run and a person does before: the reviewer's runs succeed if their brief showed
 * the advice, and every second one of the others fails.
 */
async function tryAdvice({ projectRoot, say }: Stage): Promise<void> {
  const kaizen = openKaizen({ projectRoot });
  const id = adviceFor(REVIEWER, projectRoot);
  await kaizen.trials.start(id, { share: 0.5, outcome: "verified" });
  const trial = async () => (await kaizen.trials.settle(await kaizen.recommendations(REVIEWER))).get(id);
  const signs = { shown: "", not: "" };
  for (let run = 0; run < MOST_TRIED && (await trial())?.decision === undefined; run += 1) {
    const key = `tried-${run}`;
    const isShown = (await kaizen.brief(REVIEWER, "short", { key })).includes(id);
    const success = isShown || signs.not.length % 2 === 0;
    signs[isShown ? "shown" : "not"] += success ? "." : "x";
    const recorded = await kaizen.record({ agent: REVIEWER, success: true, task: "review", idempotency_key: key });
    await kaizen.verify({ agent: REVIEWER, execution_id: recorded.id ?? "", verified_by: "ci", success });
  }
  say(
    "Before each run a coin says whether its brief shows the advice. Verified, one sign a run (. success, x failure):",
  );
  say(`  shown      ${signs.shown}`);
  say(`  not shown  ${signs.not}`);
  say(`As kaizen-metrics says it:\n  ${(await trial())?.evidence}`);
  say("By hand, from the files alone:");
  for (const line of trialByHand(join(projectRoot, ".kaizen/metrics"), REVIEWER, `${id}#1`)) say(line);
  await kaizen.close();
}

async function showFiles({ session, projectRoot, say }: Stage): Promise<void> {
  // While a server runs, a file of its own says who holds the locks; it goes with the server.
  await session.close();
  const files = readdirSync(projectRoot, { recursive: true, encoding: "utf8" }).sort();
  for (const file of files.filter((path) => statSync(join(projectRoot, path)).isFile())) {
    const text = readFileSync(join(projectRoot, file), "utf8");
    say(`  ${file.padEnd(56)} ${String(text.split("\n").length - 1).padStart(3)} lines`);
  }
  const log = readFileSync(join(projectRoot, ".kaizen/metrics", TEST_WRITER, "executions.jsonl"), "utf8");
  say(`\nThe last line of ${TEST_WRITER}/executions.jsonl, a run as every reader of the files sees it:`);
  say(`  ${log.trimEnd().split("\n").at(-1)}`);
}
