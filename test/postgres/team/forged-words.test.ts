import { describe, expect, test } from "vitest";
import type { Verifier } from "../../../src/domain/verification/verification.ts";
import { connectTo } from "../../support/postgres/admin.ts";
import { newProject, openPostgres, teamStore } from "../../support/postgres/place.ts";
import { clockAt, REVIEWER, runMaker } from "../../support/runs.ts";
import { appendRun } from "../../support/single-calls.ts";

const addressOf = (user: string) => (teamStore ?? "").replace(/\/\/[^:]*:/, `//${user}:`);

// A login has a password, and a password opens more than this program: the database is asked by hand, too.
describe.skipIf(teamStore === undefined || process.env.KAIZEN_TEST_STORE)("a writer with SQL of its own", () => {
  test("puts no word of a person into the figures by saying that there was one before", async () => {
    const project = newProject();
    const makeRun = runMaker(clockAt());
    const store = openPostgres(project, clockAt(), addressOf("bob"));
    const run = makeRun();
    await appendRun(store.runs, REVIEWER, run);
    const execution_id = String(run.record.id);
    const bob = await connectTo(addressOf("bob"));
    const line = {
      timestamp: "2026-11-22T10:01:00Z",
      agent: REVIEWER,
      executed_at: "2026-11-22T10:00:00Z",
      claimed: true,
      execution_id,
      success: false,
      verified_by: "tests",
      earlier: { human: true },
    };
    await bob(
      `INSERT INTO kaizen.checks (agent_id, seq, execution_id, nth, record)
SELECT agent_id, 1, $2, 1, $3 FROM kaizen.agents WHERE project = $1`,
      [project, execution_id, JSON.stringify(line)],
    );
    await bob("UPDATE kaizen.agents SET last_check = 1 WHERE project = $1", [project]);
    // What was summed up is believed without a look at the rows.
    for (const change of ["UPDATE kaizen.folds SET state = '{}'", "INSERT INTO kaizen.folds (format) VALUES ('runs')"])
      await expect(bob(change)).rejects.toMatchObject({ code: "42501" });
    // A store that is opened anew folds all of it.
    const outcome = async () => {
      const { verified } = await openPostgres(project, clockAt(), addressOf("ann")).runs.overview(REVIEWER);
      return verified.outcomes.get(execution_id);
    };
    expect(await outcome()).toBe(false);
    const timestamp = "2026-11-22T10:02:00Z";
    const word = (verified_by: Verifier, success: boolean) => [{ execution_id, success, verified_by, timestamp }];
    const ann = openPostgres(project, clockAt(), addressOf("ann"));
    await store.runs.verify(REVIEWER, word("agent", false));
    expect(await outcome()).toBe(false);
    // What was said by a login that may say so stays known behind what a writer adds.
    await ann.runs.verify(REVIEWER, word("human", true));
    await store.runs.verify(REVIEWER, word("tests", false));
    expect(await outcome()).toBe(true);
  });
});
