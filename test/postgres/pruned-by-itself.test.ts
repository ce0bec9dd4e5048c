import { describe, expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { Store } from "../../src/storage/store.ts";
import { connectTo } from "../support/postgres/admin.ts";
import { newProject, openPostgres, teamStore } from "../support/postgres/place.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, scanRuns, verifyRun } from "../support/single-calls.ts";

const RETENTION_DAYS = 30;

/** A team whose history began so many days ago, by the server's clock. */
function team(daysAgo: number) {
  const clock = clockAt(Math.floor(Date.now() / 1_000) * 1_000 - daysAgo * DAY_MS);
  const project = newProject();
  const open = (now = clock.now) => openPostgres(project, { now, retentionDays: RETENTION_DAYS });
  return { clock, makeRun: runMaker(clock), open, project };
}

/** What a person who looks into the tables sees of a project. */
async function rowsOf(project: string): Promise<Record<string, unknown>> {
  const query = await connectTo(teamStore ?? "");
  const counts: [string, unknown][] = [];
  for (const table of ["runs", "checks", "lifecycle", "evidence"]) {
    const [row] = await query(
      `SELECT count(*)::int AS count FROM kaizen.${table} r JOIN kaizen.agents a ON a.agent_id = r.agent_id WHERE a.project = $1`,
      [project],
    );
    counts.push([table, row !== undefined && "count" in row ? row.count : undefined]);
  }
  return Object.fromEntries(counts);
}

const figuresOf = async ({ runs }: Store) => {
  const { unreadable, verified, view } = await runs.overview(REVIEWER);
  return {
    unreadable,
    runs: view.tally.runs,
    recent: view.recent.map(({ success }) => success),
    verified: verified.verified,
  };
};

async function recordDaily({ clock, makeRun, open }: ReturnType<typeof team>, days: number): Promise<Store> {
  const store = open();
  for (let day = 0; day < days; day += 1) {
    const key = `k ${day}`;
    const timestamp = formatInstant(clock.now());
    const { execution } = await appendRun(
      store.runs,
      REVIEWER,
      makeRun({ success: day % 3 > 0, idempotency_key: key }),
    );
    await verifyRun(store.runs, REVIEWER, {
      execution_id: execution.id ?? "",
      success: true,
      verified_by: "tests",
      timestamp,
    });
    await store.lifecycle.observe(REVIEWER, { key, event: "started", timestamp });
    clock.advanceDays(1);
  }
  return store;
}

describe.skipIf(teamStore === undefined)("what has expired", () => {
  test("leaves with a run that is recorded, out of the figures of every process too", async () => {
    const given = team(60);
    const store = await recordDaily(given, 40);
    const other = given.open();
    await figuresOf(other);
    given.clock.advanceDays(12);
    // So many that they agree on what time it is; and another process looks whether they do.
    for (let run = 0; run < 20; run += 1) await appendRun(store.runs, REVIEWER, given.makeRun());
    const next = given.open();
    await appendRun(next.runs, REVIEWER, given.makeRun());
    await next.runs.close();
    // Of the 40 days the last 18 are left.
    const rows = await rowsOf(given.project);
    expect(rows).toEqual({ runs: 39, checks: 18, lifecycle: 18, evidence: 0 });
    const figures = await figuresOf(other);
    expect(figures).toMatchObject({ runs: 39, unreadable: 0 });
    expect(await figuresOf(given.open())).toEqual(figures);
    expect((await scanRuns(other.runs, REVIEWER)).length).toBe(39);
  });

  test("stays for a clock that is years ahead, of a client alone or of its last runs too", async () => {
    const given = team(20);
    await recordDaily(given, 10);
    const ahead = clockAt(Date.now() + 4_000 * DAY_MS);
    const wrong = given.open(ahead.now);
    const makeRun = runMaker(ahead, 500);
    for (let run = 0; run < 30; run += 1) await appendRun(wrong.runs, REVIEWER, makeRun());
    // Its last runs agree with it by now; the server does not.
    const next = given.open(ahead.now);
    await appendRun(next.runs, REVIEWER, makeRun());
    await Promise.all([wrong.runs.close(), next.runs.close()]);
    expect((await rowsOf(given.project)).runs).toBe(41);
    expect((await figuresOf(given.open())).runs).toBe(41);
  });

  test("of what hooks saw leaves now and then, also of an agent that never reported", async () => {
    const { clock, open, project } = team(60);
    const { lifecycle } = open();
    const see = (key: string) =>
      lifecycle.observe(REVIEWER, { key, event: "started", timestamp: formatInstant(clock.now()) });
    for (let run = 0; run < 40; run += 1) await see(`old ${run}`);
    clock.advanceDays(45);
    for (let run = 0; run < 24; run += 1) await see(`new ${run}`);
    expect(await rowsOf(project)).toMatchObject({ lifecycle: 24 });
    expect((await lifecycle.overview(REVIEWER))?.seen.started).toBe(24);
  });
});
