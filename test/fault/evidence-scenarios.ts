import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { NewEvidence } from "../../src/domain/evidence/evidence.ts";
import { formatInstant } from "../../src/domain/run/time.ts";
import { REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";
import { scenarioClock } from "./scenarios.ts";
import { expectNothingUnderWay, metrics, open, type SideScenario } from "./side-scenario.ts";

const now = formatInstant(scenarioClock.now());

function found(key: string, facts: Partial<NewEvidence>): NewEvidence {
  return { key, timestamp: now, ...facts };
}

/** Notes the end of the second run. Of what others have put into the file, so many runs count, and so many damaged lines. */
function noting(others = "", { runs = 0, unreadable = 0 } = {}): SideScenario {
  return {
    async prepare(root) {
      const { evidence } = open(root);
      await evidence.note(REVIEWER, found("first", { cost_usd: 0.5, tools: 1 }));
      await evidence.note(REVIEWER, found("second", { tools: 2 }));
      await evidence.close();
      appendFileSync(join(metrics(root), REVIEWER, "evidence.jsonl"), others);
    },
    perform: ({ evidence }) => evidence.note(REVIEWER, found("second", { ended: now, tools: 4 })),
    async examine(root, hasAnswered) {
      const { evidence, runs: executions } = open(root);
      expect((await evidence.find(REVIEWER, "first"))?.facts).toEqual({ cost_usd: 0.5, tools: 1 });
      const tools = (await evidence.find(REVIEWER, "second"))?.facts.tools;
      expect(hasAnswered ? [4] : [2, 4]).toContain(tools);
      await evidence.note(REVIEWER, found("second", { ended: now, tools: 4 }));
      await evidence.note(REVIEWER, found("third", { tools: 8 }));
      const overview = await evidence.overview(REVIEWER);
      expect(overview?.seen.totals).toMatchObject({ runs: runs + 3, ended: 1 });
      expect(overview?.seen.totals.measured.tools).toEqual({ runs: 3, sum: 13 });
      // Torn by the death itself, there may be one more.
      expect([unreadable, unreadable + 1]).toContain(overview?.unreadable);
      // The next write to the log looks after what stands beside it.
      await appendRun(executions, REVIEWER, runMaker(scenarioClock, 50)());
      expectNothingUnderWay(root);
      await evidence.close();
      await executions.close();
    },
  };
}

function foreignLine(more: object): string {
  return `${JSON.stringify({ agent: REVIEWER, key: "foreign", first_seen: now, timestamp: now, v: 1, ...more })}\n`;
}

const expired = "2020-01-01T00:00:00Z";

export const evidenceOperations = {
  evidence: noting(),
  "evidence behind torn evidence": noting('{"agent": "rev', { unreadable: 1 }),
  "evidence with a snapshot due": noting(foreignLine({ padding: "p".repeat(8000) }).repeat(20), { runs: 1 }),
  "evidence with expired evidence": noting(foreignLine({ first_seen: expired, timestamp: expired }).repeat(2)),
} satisfies Record<string, SideScenario>;
