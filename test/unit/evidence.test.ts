import { readFileSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Facts } from "../../src/domain/evidence/evidence.ts";
import { formatInstant } from "../../src/domain/run/time.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { agentNamed, clockAt, codeOf, REVIEWER } from "../support/runs.ts";

const writer = agentNamed("writer");
const tree = "a".repeat(40);
const checkout = "0123456789ab";

function setUp() {
  const root = fastTemporaryFolder();
  const clock = clockAt();
  const kaizen = new Kaizen({
    store: openJsonl(root, { now: clock.now }),
    now: clock.now,
    randomHex: () => "0".repeat(32),
    retentionDays: 30,
  });
  const { evidence } = kaizen;
  const minutes = (count: number) => clock.advanceDays(count / 24 / 60);
  return {
    clock,
    evidence,
    kaizen,
    minutes,
    root,
    begin: (key: string, facts: Facts = { checkout }, agent = REVIEWER) => evidence.note(agent, { key, ...facts }),
    end: (key: string, facts: Facts = { tree }, agent = REVIEWER) =>
      evidence.note(agent, { key, ended: formatInstant(clock.now()), ...facts }),
    shared: async (key: string) => (await evidence.find(key))?.run.facts.shared,
    linesOf: (agent = REVIEWER) =>
      readFileSync(join(root, ".kaizen/metrics", agent, "evidence.jsonl"), "utf8")
        .trimEnd()
        .split("\n"),
  };
}

test("facts are kept under the time at which they were found, and found again with their agent or without", async () => {
  const { evidence, linesOf, minutes } = setUp();
  const run = await evidence.note(REVIEWER, { key: "a1", tools: 3, first_seen: "2026-11-22T09:00:00Z" });
  minutes(1);
  expect(run).toMatchObject({ firstSeenAt: Date.UTC(2026, 10, 22, 9), facts: { tools: 3 } });
  expect(linesOf()[0]).toContain('"timestamp": "2026-11-22T10:00:00Z"');
  await evidence.note(writer, { key: "b1" });
  expect(await evidence.find("a1")).toEqual({ agent: REVIEWER, key: "a1", run });
  expect(await evidence.find("a1", REVIEWER)).toEqual({ agent: REVIEWER, key: "a1", run });
  expect(await evidence.find("a1", writer)).toBeUndefined();
  expect(await evidence.find("c1")).toBeUndefined();
  expect((await evidence.overview(REVIEWER))?.seen.recent.get("a1")).toEqual(run);
  expect(await evidence.overview(agentNamed("unheard"))).toBeUndefined();
});

test("a first moment that lies in the future is not believed", async () => {
  const { clock, evidence } = setUp();
  const run = await evidence.note(REVIEWER, { key: "a1", first_seen: "2036-11-22T09:00:00Z" });
  expect(run.firstSeenAt).toBe(clock.now());
});

test("an agent of which only evidence is known is listed, and its evidence is part of the change token", async () => {
  const { begin, kaizen } = setUp();
  const before = await kaizen.changeToken();
  await begin("a1");
  expect(await kaizen.changeToken()).not.toBe(before);
  expect(await kaizen.agentNames()).toEqual([REVIEWER]);
  expect(await kaizen.lookUp("reviewer")).toEqual({ agent: REVIEWER, isThere: true });
  expect((await kaizen.listAgents()).map(({ summary }) => [summary.agent, summary.execution_count])).toEqual([
    ["reviewer", 0],
  ]);
  const { agents, further } = await kaizen.sessionFacts(5);
  expect([agents.map(({ summary }) => summary.agent), further]).toEqual([["reviewer"], 0]);
  const own = await kaizen.changeToken("reviewer");
  await begin("a1", { tools: 1 });
  expect(await kaizen.changeToken("reviewer")).not.toBe(own);
});

test("closing ends the noting of evidence too", async () => {
  const { begin, kaizen } = setUp();
  await kaizen.close();
  expect(await codeOf(begin("a1"))).toBe("CLOSED");
});

test("two runs of two agents that were at work in one working copy are both marked, whichever ended first", async () => {
  const { begin, end, linesOf, minutes, shared } = setUp();
  await begin("a1");
  minutes(5);
  await begin("b1", { checkout }, writer);
  minutes(5);
  expect((await end("a1")).facts.shared).toBe(true);
  expect(await shared("b1")).toBeUndefined();
  minutes(5);
  expect((await end("b1", { tree }, writer)).facts.shared).toBe(true);
  // In the line that says that it ended, and in no other.
  expect([linesOf().length, linesOf(writer).length]).toEqual([2, 2]);
});

test("a run of which only the end is known marks those that ended while it was at work", async () => {
  const { begin, clock, end, evidence, minutes, shared } = setUp();
  await begin("a1");
  minutes(5);
  expect((await end("a1")).facts.shared).toBeUndefined();
  minutes(5);
  const first_seen = formatInstant(clock.now() - 8 * 60_000);
  const facts = { first_seen, ended: formatInstant(clock.now()), checkout, tree };
  expect((await evidence.note(writer, { key: "b1", ...facts })).facts.shared).toBe(true);
  expect(await shared("a1")).toBe(true);
});

test("runs one after the other, in other working copies, or without a tree are not marked", async () => {
  const { begin, end, minutes, shared } = setUp();
  await begin("a1");
  await begin("b1", { checkout: "ba9876543210" }, writer);
  minutes(5);
  await end("a1");
  minutes(5);
  await begin("c1");
  minutes(5);
  await end("c1");
  await end("b1", { tree }, writer);
  // Without a tree there is nothing that could be shared.
  await begin("d1");
  await begin("e1");
  minutes(5);
  await end("d1", {});
  for (const key of ["a1", "b1", "c1", "d1"]) expect(await shared(key)).toBeUndefined();
});

test("a run that never ended counts as under way for a day", async () => {
  const { begin, end, minutes } = setUp();
  await begin("killed");
  minutes(24 * 60 - 10);
  await begin("a1");
  minutes(1);
  expect((await end("a1")).facts.shared).toBe(true);
  minutes(60);
  await begin("a2");
  minutes(1);
  expect((await end("a2")).facts.shared).toBeUndefined();
});

test("of another agent, a run that never ended is found in a file that has not changed since it began", async () => {
  const { begin, clock, end, minutes, root } = setUp();
  await begin("killed", { checkout }, writer);
  const file = join(root, ".kaizen/metrics/writer/evidence.jsonl");
  utimesSync(file, clock.now() / 1000, clock.now() / 1000);
  minutes(24 * 60 - 10);
  await begin("a1");
  minutes(1);
  expect((await end("a1")).facts.shared).toBe(true);
});

test("a tree that is found after the end is looked at as well", async () => {
  const { begin, end, evidence, minutes } = setUp();
  await begin("a1");
  await begin("a2");
  minutes(5);
  expect((await end("a1", {})).facts.shared).toBeUndefined();
  expect((await evidence.note(REVIEWER, { key: "a1", tree })).facts.shared).toBe(true);
});

test("what is wrong with one agent's file keeps no run from being noted, found or marked", async () => {
  const { begin, end, minutes, root, shared } = setUp();
  await begin("a1");
  await begin("b1", { checkout }, writer);
  await begin("c1", { checkout }, agentNamed("linked"));
  const linked = join(root, ".kaizen/metrics/linked/evidence.jsonl");
  rmSync(linked);
  symlinkSync("/dev/null", linked);
  minutes(5);
  await end("a1");
  expect(await shared("a1")).toBe(true);
  expect(await shared("c1")).toBeUndefined();
});
