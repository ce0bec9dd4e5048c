import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { AdviceEntry, RecommendationEvent } from "../../src/domain/coaching/recommendation.ts";
import { formatInstant } from "../../src/domain/run/time.ts";
import type { NewVerification } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import { REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, verifyRun } from "../support/single-calls.ts";
import { evidenceOperations } from "./evidence-scenarios.ts";
import { movingOperations } from "./moving-scenarios.ts";
import { scenarioClock } from "./scenarios.ts";
import { expectNothingUnderWay, metrics, open, type SideScenario } from "./side-scenario.ts";
import { voidingOperations } from "./voiding-scenarios.ts";

export type SideOperation =
  | "a verification"
  | "a verification behind a torn one"
  | "a verification with a checkpoint due"
  | "a verification with expired ones"
  | "a report"
  | "a report with advice"
  | "advice"
  | "a change of advice"
  | keyof typeof evidenceOperations
  | keyof typeof voidingOperations
  | keyof typeof movingOperations;

const verificationsPath = (root: string) => join(metrics(root), REVIEWER, "verifications.jsonl");

function verificationOf(ordinal: number, success: boolean): NewVerification {
  const timestamp = formatInstant(scenarioClock.now());
  return { execution_id: idOf(ordinal), success, verified_by: "ci", timestamp };
}

/** Three runs that claim success, of which a verification said that the first has failed. */
async function prepareVerifications(root: string): Promise<void> {
  const { runs: executions } = open(root);
  const makeRun = runMaker(scenarioClock);
  for (let run = 0; run < 3; run += 1) await appendRun(executions, REVIEWER, makeRun());
  await verifyRun(executions, REVIEWER, verificationOf(1, false));
  await executions.close();
}

/** Checks the second run. What others have put into the file counts as so many damaged lines. */
function check(disturb: (root: string) => void, unreadable = 0): SideScenario {
  return {
    async prepare(root) {
      await prepareVerifications(root);
      disturb(root);
    },
    perform: ({ runs: executions }) => verifyRun(executions, REVIEWER, verificationOf(2, false)),
    async examine(root, hasAnswered) {
      const { runs: executions } = open(root);
      const { verified, view } = await executions.overview(REVIEWER);
      expect(verified.outcomes.get(idOf(1))).toBe(false);
      expect([false, ...(hasAnswered ? [] : [undefined])]).toContain(verified.outcomes.get(idOf(2)));
      expect(view.tally.runs).toBe(3);
      const { overview } = await verifyRun(executions, REVIEWER, verificationOf(2, false));
      expect(overview.verified).toMatchObject({ verified: { runs: 2, successes: 0 }, claimedSuccesses: 2 });
      const third = await verifyRun(executions, REVIEWER, verificationOf(3, true));
      expect(third.overview.verified.verified).toEqual({ runs: 3, successes: 1 });
      // Torn by the death itself, there may be one more.
      expect([unreadable, unreadable + 1]).toContain(third.overview.unreadable);
      // The next write to the log looks after what stands beside it.
      await appendRun(executions, REVIEWER, runMaker(scenarioClock, 50)());
      expectNothingUnderWay(root);
      await executions.close();
    },
  };
}

/** The line of a verification by another process; of a run that is not there it counts nothing. */
function foreignVerification(ordinal: number, more: object): string {
  return `${JSON.stringify({ ...verificationOf(ordinal, true), agent: REVIEWER, claimed: true, executed_at: null, ...more })}\n`;
}

function entry(title: string): AdviceEntry {
  const recommendations = [{ id: `rec_${title}`, title }];
  return { timestamp: "2026-11-22T10:00:00Z", agent: REVIEWER, metrics_count: 3, recommendations };
}

function event(title: string, change: RecommendationEvent["change"]): RecommendationEvent {
  const moment = { timestamp: "2026-11-22T10:00:00Z", execution_count: 3, after_execution: idOf(3) };
  return { id: `rec_${title}`, change, ...moment };
}

async function prepareAdvice(root: string): Promise<void> {
  const { advice: optimizer } = open(root);
  await optimizer.writeAnalysis({ report: "old", notes: "o".repeat(5000) });
  await optimizer.merge({ entries: [entry("old")], events: [event("old", "proposed")] });
}

async function expectAdviceIsWhole(root: string): Promise<void> {
  const { advice: optimizer } = open(root);
  await optimizer.writeAnalysis({ report: "later" });
  expect(await optimizer.readAnalysis()).toEqual({ report: "later" });
  await optimizer.merge({ entries: [entry("later")], events: [event("later", "proposed")] });
  const { entries, events, unreadable } = await optimizer.change(() => event("old", "rejected"));
  expect([entries[0], entries.at(-1)]).toEqual([entry("old"), entry("later")]);
  expect(events.slice(-2)).toEqual([event("later", "proposed"), event("old", "rejected")]);
  expect(unreadable).toBeLessThanOrEqual(1);
  expectNothingUnderWay(root);
}

export const sideOperations: Record<SideOperation, SideScenario> = {
  ...evidenceOperations,
  ...voidingOperations,
  ...movingOperations,
  "a verification": check(() => {}),
  "a verification behind a torn one": check((root) => appendFileSync(verificationsPath(root), '{"agent": "rev'), 1),
  "a verification with a checkpoint due": check((root) => {
    appendFileSync(verificationsPath(root), foreignVerification(900, { evidence: "e".repeat(8000) }).repeat(20));
  }),
  "a verification with expired ones": check((root) => {
    appendFileSync(
      verificationsPath(root),
      foreignVerification(900, { executed_at: "2020-01-01T00:00:00Z" }).repeat(3),
    );
  }),
  "a report": {
    prepare: prepareAdvice,
    perform: ({ advice: optimizer }) => optimizer.writeAnalysis({ report: "new", notes: "n".repeat(9000) }),
    async examine(root, hasAnswered) {
      const found = (await open(root).advice.readAnalysis())?.report;
      expect(hasAnswered ? ["new"] : ["old", "new"]).toContain(found);
      await expectAdviceIsWhole(root);
    },
  },
  "a report with advice": {
    prepare: prepareAdvice,
    perform: ({ advice: optimizer }) =>
      optimizer.writeAnalysis({ report: "new" }, { entries: [entry("new")], events: [event("new", "proposed")] }),
    async examine(root, hasAnswered) {
      const { advice: optimizer } = open(root);
      const report = (await optimizer.readAnalysis())?.report;
      const { entries, events } = await optimizer.readAdvice();
      const found = [report === "new", entries.length === 2, events.length === 2];
      // First the event, then the entry, then the report.
      const steps = [
        [false, false, false],
        [false, false, true],
        [false, true, true],
      ];
      expect(hasAnswered ? [[true, true, true]] : [...steps, [true, true, true]]).toContainEqual(found);
      await expectAdviceIsWhole(root);
    },
  },
  advice: {
    prepare: prepareAdvice,
    perform: ({ advice: optimizer }) =>
      optimizer.merge({ entries: [entry("new")], events: [event("new", "proposed")] }),
    async examine(root, hasAnswered) {
      const { entries, events } = await open(root).advice.readAdvice();
      const found = entries.slice(1);
      expect(hasAnswered ? [[entry("new")]] : [[], [entry("new")]]).toContainEqual(found);
      // An entry is never without its event.
      if (found.length > 0) expect(events).toEqual([event("old", "proposed"), event("new", "proposed")]);
      await expectAdviceIsWhole(root);
    },
  },
  "a change of advice": {
    prepare: prepareAdvice,
    perform: ({ advice: optimizer }) => optimizer.change(() => event("old", "adopted")),
    async examine(root, hasAnswered) {
      const changes = (await open(root).advice.readAdvice()).events.map(({ change }) => change);
      expect(hasAnswered ? [["proposed", "adopted"]] : [["proposed"], ["proposed", "adopted"]]).toContainEqual(changes);
      await expectAdviceIsWhole(root);
    },
  },
};
