import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import { verifierSchema } from "../../src/domain/verification/verification.ts";
import { KaizenError } from "../../src/errors.ts";
import type { Store } from "../../src/storage/store.ts";
import { everythingAbout } from "../contract/comparable.ts";
import { generatedRun } from "../contract/generated-runs.ts";
import { idOf } from "../support/histories.ts";
import { openJsonl } from "../support/jsonl.ts";
import type { Machine } from "../support/postgres/machine.ts";
import { openPostgres, teamStore } from "../support/postgres/place.ts";
import { confirmedTeamProject } from "../support/postgres/team-project.ts";
import { agentNamed, clockAt, REVIEWER } from "../support/runs.ts";
import { filesIn, forEver } from "./moved-history.ts";

const agents = [REVIEWER, agentNamed("writer")];
const parameters = {
  numRuns: Number(process.env.KAIZEN_TEST_RUNS ?? 4),
  ...(process.env.KAIZEN_TEST_SEED === undefined ? {} : { seed: Number(process.env.KAIZEN_TEST_SEED) }),
  ...(process.env.KAIZEN_TEST_PATH === undefined ? {} : { path: process.env.KAIZEN_TEST_PATH }),
};

const agent = fc.nat(1);
const back = fc.nat(3);
const key = fc.constantFrom("key 0", "key 1", "key 2");
/** Lines as a program of another language, or a later version of this one, writes them. */
const foreignLines = [
  ["executions.jsonl", '{"success":true,"quality_score":0.10,"cost":1e3,"big":12345678901234567890}'],
  ["executions.jsonl", '{"success": false, "error": "\\u0000 \\ud800", "id": "AT"}'],
  ["evidence.jsonl", '{"agent": "reviewer", "first_seen": "2026-01-22T10:00:00Z", "key": "key 0", "news": {}, "v": 2}'],
  ["evidence.jsonl", '{"news":[],"v":3}'],
  [
    "lifecycle.jsonl",
    '{"agent":"reviewer","event":"started","key":"key 1","timestamp":"2026-01-02T00:00:00.5+00:00","first_seen":"2026-01-02T00:00:00Z","of_later":1.50}',
  ],
] as const;

const operations = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record(
        { do: fc.constant("run" as const), agent, content: fc.nat(1), ageDays: fc.nat(9), key: fc.nat(2) },
        { requiredKeys: ["do", "agent", "content", "ageDays"] },
      ),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("verify" as const),
        agent,
        back,
        verifier: fc.constantFrom(...verifierSchema.options),
        success: fc.boolean(),
        /** A clock may go back, and a check may be repeated in the same second. */
        minutesAgo: fc.constantFrom(0, 0, 7),
        more: fc.constantFrom({}, { unproven: true, via: "cli" as const }, { withdrawn: true }, { evidence: "é 1" }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("see" as const),
        agent,
        key,
        event: fc.constantFrom("started" as const, "ended" as const),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("note" as const), agent, key, tools: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("void" as const, "undo" as const), agent, back }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("advise" as const, "analyse" as const), agent }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("foreign" as const),
        agent,
        line: fc.nat(4),
        times: fc.integer({ min: 1, max: 2 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("advance" as const), days: fc.constantFrom(0.01, 1, 3) }) },
  ),
  { maxLength: 40, size: "max" },
);

type Operation = (typeof operations extends fc.Arbitrary<infer T> ? T : never) extends readonly (infer O)[] ? O : never;

/** Lives through a history in the project's own folder. */
async function lived(root: string, sequence: readonly Operation[]): Promise<Store> {
  const clock = clockAt(Math.floor(Date.now() / DAY_MS - 200) * DAY_MS);
  const store = openJsonl(root, { now: clock.now, retentionDays: null });
  let ordinal = 0;
  for (const one of sequence) {
    const timestamp = formatInstant(clock.now());
    if (one.do === "advance") {
      clock.advanceDays(one.days);
      continue;
    }
    const whose = agents[one.agent] ?? REVIEWER;
    const id = "back" in one ? idOf(Math.max(0, ordinal - one.back)) : "";
    if (one.do === "run") {
      ordinal += 1;
      await store.runs.append(whose, [generatedRun(whose, one, { now: clock.now(), ordinal })]);
    } else if (one.do === "verify") {
      const at = formatInstant(clock.now() - one.minutesAgo * 60_000);
      const word = { execution_id: id, success: one.success, verified_by: one.verifier, timestamp: at, ...one.more };
      await store.runs.verify(whose, [word]);
    } else if (one.do === "see") await store.lifecycle.observe(whose, { key: one.key, event: one.event, timestamp });
    else if (one.do === "note") await store.evidence.note(whose, { key: one.key, timestamp, tools: one.tools });
    else if (one.do === "void" || one.do === "undo") {
      const done =
        one.do === "void"
          ? store.voiding.voidRun(whose, { id, by: "human", reason: "é", timestamp })
          : store.voiding.undo(whose, id);
      // There may be no such run, or another has its key.
      await done.catch((error: unknown) => {
        if (!(error instanceof KaizenError)) throw error;
      });
    } else if (one.do === "advise") {
      const recommendations = [{ id: `rec_${ordinal}_${clock.now()}`, title: "t" }];
      await store.advice.merge({
        entries: [{ timestamp, agent: whose, metrics_count: 1, recommendations }],
        events: [],
      });
    } else if (one.do === "analyse") await store.advice.writeAnalysis({ at: timestamp, é: [1.5, { b: 1, a: null }] });
    else if (one.do === "foreign") {
      const [name, line] = foreignLines[one.line] ?? foreignLines[0];
      const path = join(root, ".kaizen/metrics", whose, name);
      mkdirSync(dirname(path), { recursive: true });
      appendFileSync(
        path,
        `${line.replace("AT", `other ${clock.now()} ${sequence.indexOf(one)}`)}\n`.repeat(
          line.includes('"id"') ? 1 : one.times,
        ),
      );
    }
  }
  return store;
}

/** A file of which nothing is left says what no file says. */
async function figuresOf(store: Store): Promise<unknown> {
  const figures: unknown[] = [await store.advice.readAdvice(), await store.advice.readAnalysis()];
  for (const whose of agents) {
    const seen = (await store.lifecycle.overview(whose))?.seen;
    const known = (await store.evidence.overview(whose))?.seen;
    figures.push(
      await everythingAbout(store.runs, whose, { filter: {}, limit: 33 }),
      seen?.started === 0 ? undefined : seen,
      known?.recent.size === 0 ? undefined : known,
      await store.voiding?.voidedRuns(whose),
    );
  }
  return figures;
}

async function moveThereAndBack(team: Machine): Promise<{ told: string; out: string }> {
  const moved = await team.here(["import", "--from", ".kaizen", "--json"], { env: forEver });
  expect(moved).toEqual({ status: 0, stderr: "", stdout: expect.stringMatching(/"problems": ?\[\]/) });
  const out = join(mkdtempSync(join(tmpdir(), "kaizen-moved-")), "metrics");
  expect((await team.here(["export", "--to", "jsonl", out], { env: forEver })).status).toBe(0);
  return { told: moved.stdout, out };
}

describe.skipIf(teamStore === undefined)("a whole history", () => {
  test("moves into a team's store and comes out of it byte for byte, with the same figures, whatever it holds", {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (sequence) => {
        const team = await confirmedTeamProject();
        const before = await lived(team.root, sequence);
        const folder = join(team.root, ".kaizen/metrics");
        const was = filesIn(folder);
        if (Object.keys(was).length === 0) return;
        const figures = await figuresOf(before);
        const dry = JSON.parse(
          (await team.here(["import", "--from", ".kaizen", "--dry-run", "--json"], { env: forEver })).stdout,
        );
        const { out, told } = await moveThereAndBack(team);
        expect({ ...JSON.parse(told), dry_run: true, put_aside: null, reordered: [] }).toEqual({
          ...dry,
          reordered: [],
        });
        expect(existsSync(join(folder, REVIEWER))).toBe(false);
        expect(filesIn(out)).toEqual(was);
        expect(await figuresOf(openPostgres(team.project, { now: Date.now, retentionDays: null }))).toEqual(figures);
        rmSync(dirname(out), { recursive: true });
      }),
      parameters,
    );
  });
});
