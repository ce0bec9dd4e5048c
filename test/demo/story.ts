import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { dayOfRuns, REVIEWER, TEST_WRITER } from "./day.ts";
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
  { heading: "Two agents work for a day, and report each run (record_execution, 40 times)", play: reportTheDay },
  { heading: "A report is sent twice, another is wrong", play: reportBadly },
  { heading: "Who fails most? (list_agents, sorted by success_rate)", play: compareAgents },
  { heading: "What went wrong? (read_executions, failures only)", play: readFailures },
  { heading: "An optimizer writes what should change (write_optimizer_analysis)", play: advise },
  { heading: "What the agents read before their next run", play: readBriefs },
  { heading: "What is left in the project", play: showFiles },
];

/** Plays the day from the first report to the files that it leaves. */
export async function playDay(stage: Stage): Promise<void> {
  for (const [index, { heading, play }] of scenes.entries()) {
    stage.say(`\n--- ${index + 1}. ${heading}\n`);
    await play(stage);
  }
}

async function reportTheDay({ session, now, say }: Stage): Promise<void> {
  const runs = dayOfRuns(now);
  const marks = new Map<string, string>();
  for (const run of runs) {
    await session.call("record_execution", run);
    marks.set(run.agent, (marks.get(run.agent) ?? "") + (run.success ? "." : "x"));
  }
  say(`One report, as it was sent:\n${JSON.stringify(runs.at(-1), null, 2)}\n`);
  say("The day, one sign a run (. success, x failure), morning | afternoon:");
  for (const [agent, signs] of marks) {
    say(`  ${agent.padEnd(14)} ${signs.slice(0, signs.length / 2)} | ${signs.slice(signs.length / 2)}`);
  }
}

async function reportBadly({ session, now, say }: Stage): Promise<void> {
  const again = dayOfRuns(now).at(-1) ?? {};
  const receipt = await session.call("record_execution", again);
  say(`The same report again, as after a lost answer: duplicate ${receipt.duplicate}, recorded ${receipt.recorded};`);
  say(`the agent still has ${receipt.execution_count} runs.`);
  say("A score in percent is refused, with what to send instead:");
  say(`  ${await session.refusal("record_execution", { ...again, idempotency_key: "other", quality_score: 85 })}`);
}

async function compareAgents({ session, say }: Stage): Promise<void> {
  say(JSON.stringify(await session.call("list_agents", { sort: "success_rate" }), null, 2));
}

async function readFailures({ session, say }: Stage): Promise<void> {
  const { executions } = await session.call("read_executions", { agent: TEST_WRITER, success: false, limit: 3 });
  for (const { timestamp, error_type, error } of executions as Record<string, string>[]) {
    say(`  ${timestamp}  ${error_type}: ${error}`);
  }
}

async function advise({ session, say }: Stage): Promise<void> {
  const finding = "From the afternoon on, most runs end waiting for the database container.";
  const written = await session.call("write_optimizer_analysis", {
    report: { agents: { [TEST_WRITER]: { finding, failures: 7, of_runs: 10 } } },
    recommendations: [
      {
        agent: TEST_WRITER,
        title: "Start the database container once, before the first test",
        detail: "Seven of ten afternoon runs waited 30 s for a container of their own, and gave up.",
        priority: 1,
      },
      { agent: REVIEWER, title: "Review large diffs file by file", priority: 3 },
    ],
  });
  say(JSON.stringify(written, null, 2));
}

async function readBriefs(stage: Stage): Promise<void> {
  for (const agent of [REVIEWER, TEST_WRITER]) await readBrief(stage, agent);
}

/** Everything that a client pulls for one agent before it works: each part with the address it is read from. */
async function readBrief({ session, say }: Stage, agent: string): Promise<void> {
  for (const uri of [`kaizen://agents/${agent}/performance-summary`]) {
    say(`${uri}\n\n${await session.read(uri)}`);
  }
}

async function showFiles({ session, projectRoot, say }: Stage): Promise<void> {
  // While a server runs, a file of its own says who holds the locks; it goes with the server.
  await session.close();
  const files = readdirSync(projectRoot, { recursive: true, encoding: "utf8" }).sort();
  for (const file of files.filter((path) => statSync(join(projectRoot, path)).isFile())) {
    const text = readFileSync(join(projectRoot, file), "utf8");
    say(`  ${file.padEnd(50)} ${String(text.split("\n").length - 1).padStart(3)} lines`);
  }
  const log = readFileSync(join(projectRoot, ".kaizen/metrics", TEST_WRITER, "executions.jsonl"), "utf8");
  say(`\nThe last line of ${TEST_WRITER}/executions.jsonl, a run as every reader of the files sees it:`);
  say(`  ${log.trimEnd().split("\n").at(-1)}`);
}
