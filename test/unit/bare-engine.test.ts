import { expect, test } from "vitest";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createBareStore } from "../oracle/memory.ts";
import { clockAt, REVIEWER } from "../support/runs.ts";

const clock = clockAt();

/** The use cases over an engine that has what every engine has, and nothing else. */
function bareKaizen(): Kaizen {
  const store = createBareStore({ now: clock.now, retentionDays: 30 });
  return new Kaizen({ store, now: clock.now, randomHex: () => "0".repeat(20), retentionDays: 30 });
}

test("what an engine has no need of is said in plain words", async () => {
  const kaizen = bareKaizen();
  await kaizen.record({ agent: REVIEWER, success: true });
  await expect(kaizen.prune(REVIEWER)).rejects.toMatchObject({
    code: "NOT_SUPPORTED",
    message: "This store takes expired runs out by itself.",
  });
  await expect(kaizen.checkUp({ repair: true, onProgress: () => {} })).rejects.toMatchObject({
    code: "NOT_SUPPORTED",
    message: "This store keeps no files that could be examined or repaired.",
  });
});

test("everything else works without it", async () => {
  const kaizen = bareKaizen();
  await kaizen.record({ agent: REVIEWER, success: true });
  expect(await kaizen.unsafeAgents()).toEqual([]);
  expect(await kaizen.lookUp(REVIEWER)).toEqual({ agent: REVIEWER, isThere: true });
  expect(await kaizen.sessionFacts(5)).toMatchObject({ agents: { length: 1 }, unread: [], further: 0 });
  const importer = await kaizen.importer({ isDryRun: false, onProgress: () => {} });
  await importer.take({
    kind: "runs",
    name: "source",
    agent: REVIEWER,
    async *lines() {
      yield [{ bytes: Buffer.from('{"success": true, "timestamp": "2026-11-21T10:00:00Z"}'), line: 1 }];
    },
  });
  expect(await importer.finish([])).toMatchObject({ runs: { added: 1 }, reordered: [] });
  expect((await kaizen.summary(REVIEWER)).summary.execution_count).toBe(2);
});
