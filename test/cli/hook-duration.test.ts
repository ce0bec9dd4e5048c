import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { HookProject, KEY } from "./hook-project.ts";

const AGENT = "code-reviewer";
const DAY_MS = 86_400_000;

/** The entries of a transcript, so many days later. */
function laterBy(days: number, transcript: string): string {
  return transcript.replaceAll(/"timestamp":"([^"]+)"/g, (_, timestamp: string) => {
    return `"timestamp":"${new Date(Date.parse(timestamp) + days * DAY_MS).toISOString()}"`;
  });
}

/** A line of a hook that ran so many days ago. */
function event(event: string, daysAgo: number): string {
  const timestamp = `${new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 19)}Z`;
  return `${JSON.stringify({ agent: AGENT, event, first_seen: timestamp, key: KEY, timestamp })}\n`;
}

function endOf(project: HookProject, run = KEY) {
  const ends = project.lifecycle().filter(({ event, key }) => event === "ended" && key === run);
  expect(ends).toHaveLength(1);
  return ends[0];
}

test("a subagent that is taken up again after days took the time of its turns", async () => {
  const project = new HookProject({ hasProcesses: true });
  const path = project.transcript("unreported");
  const first = readFileSync(path, "utf8");
  project.transcript("api-error");
  writeFileSync(path, `${first}${laterBy(2, readFileSync(path, "utf8"))}`);
  await project.stop();
  expect(await project.runs()).toMatchObject([{ success: false, execution_time_s: 72.51 }]);
  expect(endOf(project)).toMatchObject({ duration_s: 72.51 });
});

test("a transcript of a megabyte is read whole; of a longer one with a pause in it the time is not known", async () => {
  const project = new HookProject({ hasProcesses: true });
  const path = project.transcript("unreported");
  const first = readFileSync(path, "utf8");
  project.transcript("api-error");
  const second = laterBy(2, readFileSync(path, "utf8"));
  const filler = (bytes: number) =>
    `${JSON.stringify({ type: "system", content: "x".repeat(1000) })}\n`.repeat(bytes / 1000);
  writeFileSync(path, `${first}${filler(5e5)}${second}${filler(5e5)}`);
  await project.stop();
  expect(endOf(project)).toMatchObject({ duration_s: 72.51 });
  const key = "a0000000000000002";
  const longer = project.transcriptPath(key);
  writeFileSync(longer, `${first}${filler(5e6)}${second}`.replaceAll(KEY, key));
  await project.stop({ agent_id: key, agent_transcript_path: longer });
  expect(endOf(project, key)).not.toHaveProperty("duration_s");
  const run = (await project.runs()).find(({ idempotency_key }) => idempotency_key === key);
  expect(run).toMatchObject({ success: false });
  expect(run).not.toHaveProperty("execution_time_s");
});

test("without a transcript, a run that was seen to end before says no time: how long it paused is not known", async () => {
  const project = new HookProject({ hasProcesses: true });
  project.write(`.kaizen/metrics/${AGENT}/lifecycle.jsonl`, event("started", 2) + event("ended", 2));
  await project.stop({}, "stop-failure");
  const [run, ...others] = await project.runs();
  expect(others).toEqual([]);
  expect(run).toMatchObject({ success: false, idempotency_key: KEY });
  expect(run).not.toHaveProperty("execution_time_s");
});

test("without a transcript, a run that is seen to end for the first time took what has passed since it began", async () => {
  const project = new HookProject({ hasProcesses: true });
  project.write(`.kaizen/metrics/${AGENT}/lifecycle.jsonl`, event("started", 0.25));
  await project.stop({}, "stop-failure");
  const [run] = await project.runs();
  expect(Number(run?.execution_time_s)).toBeGreaterThanOrEqual(21_600);
});
