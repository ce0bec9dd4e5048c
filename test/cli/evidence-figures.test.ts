import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Facts } from "../../src/domain/evidence/evidence.ts";
import { agentNameSchema } from "../../src/domain/run/agent-name.ts";
import type { Kaizen } from "../../src/kaizen/kaizen.ts";
import { openKaizen } from "../../src/open-kaizen.ts";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";
import { ago } from "./evidence-project.ts";

const CODER = agentNameSchema.parse("coder");
const HOUR_MS = 3_600_000;

let root = "";
let written = 0;

/** What a transcript showed of each run, unless a test says otherwise. */
const measured: Facts = {
  client: "claude-code",
  model: "claude-sonnet-4-5-20250929",
  duration_s: 90,
  tokens: { input: 100, output: 2_000, cache_read: 50_000, cache_write: 3_000 },
  cost_usd: 0.05,
  price_table: "2026-11",
  tools: 10,
  tool_errors: 1,
  denied: 0,
  interrupted: 0,
  edits: 3,
  files: 2,
};

beforeEach(() => {
  root = temporaryFolder();
  mkdirSync(join(root, ".kaizen"));
  written = 0;
});

interface Written {
  readonly claim?: boolean;
  readonly verdict?: boolean;
  readonly by?: "ci" | "human" | "tests";
  readonly facts?: Facts;
}

/** Runs of which a transcript was read, each an hour after the one before. Gives their ids, or none if not reported. */
async function runs(many: readonly Written[]): Promise<string[]> {
  return withKaizen(async (kaizen) => {
    const ids: string[] = [];
    for (const { by = "ci", claim, facts = {}, verdict } of many) {
      written += 1;
      const key = `k${written}`;
      const ended = ago((200 - written) * HOUR_MS);
      await kaizen.evidence.note(CODER, { key, first_seen: ended, ended, ...measured, ...facts });
      if (claim === undefined) continue;
      const { id } = await kaizen.record({ agent: CODER, success: claim, idempotency_key: key, timestamp: ended });
      ids.push(id ?? "");
      if (verdict === undefined) continue;
      await kaizen.verify({ agent: CODER, execution_id: id ?? "", success: verdict, verified_by: by }, { via: "ci" });
    }
    return ids;
  });
}

async function withKaizen<T>(work: (kaizen: Kaizen) => Promise<T>): Promise<T> {
  const kaizen = openKaizen({ projectRoot: root, onNotice: () => {} });
  try {
    return await work(kaizen);
  } finally {
    await kaizen.close();
  }
}

function repeated<T>(count: number, one: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => one(index));
}

async function said(...args: readonly string[]): Promise<string> {
  const { status, stderr, stdout } = await runCommandHere(args, { root });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

/** The lines of the table, which stands below the sentence that the list opens with. */
function tableIn(list: string): string[] {
  return (list.split("\n\n")[1] ?? "").split("\n");
}

async function evidence(): Promise<Record<string, unknown>> {
  return JSON.parse(await said("summary", "coder", "--json")).evidence;
}

describe("claimed, seen and verified stand side by side", () => {
  beforeEach(async () => {
    await runs([
      ...repeated(4, (index) => ({ claim: true, verdict: index > 0, facts: { seen: "green" as const } })),
      { claim: true, facts: { seen: "untested" } },
      { facts: { seen: "untested" } },
    ]);
  });

  test("in the summary of an agent", async () => {
    const text = await said("summary", "coder");
    expect(text).toMatch(/^Success +80\.0% \(4 verified, the rest as claimed\)/m);
    expect(text).toMatch(/^ +4 verified: 75\.0% succeeded, 100\.0% claimed to$/m);
    expect(text).toMatch(/^Seen +green 4, untested 2, of 6 runs with evidence$/m);
    expect(text).toMatch(/^Took +90\.0 s a run, by the transcripts of 6$/m);
    expect(text).toMatch(/^Tokens +100 in, 2,000 out, 50,000 from the cache, 3,000 into it, a run$/m);
    // Four verified runs at 5 cents, of which three succeeded.
    expect(text).toMatch(/^Cost +\$0\.0500 a run, \$0\.0667 for each verified success$/m);
    expect(text).toMatch(/^Tools +60 calls, 6 failed, 0 denied$/m);
  });

  test.each([["summary"], ["agents"]])("in the table of %s", async (command) => {
    const [titles = "", row = ""] = tableIn(await said(command));
    expect(titles).toMatch(/^agent +runs +success +95% interval +verified +seen green +time +cost +verdict/);
    expect(row).toMatch(/^coder +5 +80\.0% +\S+ to \S+ +75\.0% of 4 +4 of 6 +90\.0 s +\$0\.050 +too few runs/);
  });

  test("in the brief, under the heading that it had", async () => {
    const brief = await said("brief", "coder", "--detail", "full");
    const [, section = ""] = brief.split("## Claimed against verified\n\n");
    expect(section.split("\n\n")[0]?.split("\n")).toEqual([
      "- 4 of 5 runs verified: 75.0% succeeded, 100.0% claimed to (gap 25.0 points)",
      "- Seen: green 4, untested 2, of 6 with evidence",
      "- Cost: $0.0500 a run, $0.0667 for each verified success",
      "",
    ]);
  });

  test("for a program, under the same names as the tools have", async () => {
    expect(await evidence()).toMatchObject({
      runs: 6,
      seen: { green: 4, untested: 2 },
      time_s: { runs: 6, mean: 90 },
      tokens: { runs: 6, input: 600, output: 12_000, cache_read: 300_000, cache_write: 18_000 },
      cost_usd: { runs: 6, sum: expect.closeTo(0.3), per_run: expect.closeTo(0.05), unpriced_runs: 0 },
      tools: { calls: 60, errors: 6, denied: 0 },
      hit_rates: [],
      estimated_rate: null,
    });
  });
});

describe("how often a class is right", () => {
  test("is told once ten of its runs have a verdict by CI or a person, and not before", async () => {
    const judged = (count: number, by: "ci" | "human") =>
      repeated(count, (index) => ({ claim: true, verdict: index > 0, by, facts: { seen: "green" as const } }));
    await runs([...judged(5, "ci"), ...judged(4, "human")]);
    expect(await evidence()).toMatchObject({ hit_rates: [], estimated_rate: null });
    expect(await said("summary", "coder")).not.toContain("were right");
    // Tests are the agent's own word, and calibrate nothing.
    await runs(
      repeated(3, () => ({ claim: true, verdict: true, by: "tests" as const, facts: { seen: "green" as const } })),
    );
    expect(await evidence()).toMatchObject({ hit_rates: [] });
    await runs([{ claim: true, verdict: true, facts: { seen: "green" } }]);
    expect(await evidence()).toMatchObject({
      hit_rates: [
        {
          seen: "green",
          runs: 10,
          successes: 8,
          rate: 0.8,
          interval: [expect.closeTo(0.49, 2), expect.closeTo(0.943, 3)],
        },
      ],
      estimated_rate: 0.8,
    });
    expect(await said("summary", "coder")).toMatch(
      /^ +green: 8 of 10 were right, 95% interval 49\.0% to 94\.3%\n +by that, 80\.0% of all that was seen went right$/m,
    );
    expect(await said("brief", "coder", "--detail", "full")).toContain(
      "- Green: 8 of 10 were right, 95% interval 49.0% to 94.3%\n",
    );
  });

  test("makes no estimate while another class has runs and no rate", async () => {
    await runs([
      ...repeated(10, () => ({ claim: true, verdict: true, facts: { seen: "green" as const } })),
      { claim: true, facts: { seen: "stale" } },
    ]);
    expect(await evidence()).toMatchObject({ hit_rates: [{ seen: "green", rate: 1 }], estimated_rate: null });
  });

  test("is not calibrated by what an agent's shell says", async () => {
    const ids = await runs(repeated(10, () => ({ claim: true, facts: { seen: "green" as const } })));
    for (const id of ids) {
      const args = ["verify", "coder", id, "--success", "--by", "human"];
      await runCommandHere(args, { root, env: { CLAUDECODE: "1" } });
    }
    expect(await evidence()).toMatchObject({ hit_rates: [], cost_usd: { per_verified_success: null } });
  });
});

describe("claims that what was seen speaks against", () => {
  test("are listed, the most telling first, until the run is verified", async () => {
    const [stale = "", red = "", turned = ""] = await runs([
      { claim: true, facts: { seen: "stale" } },
      { claim: true, facts: { seen: "red" } },
      { claim: true, facts: { seen: "turned_red", flags: ["config_changed"] } },
      { claim: false, facts: { seen: "red" } },
      { claim: true, facts: { seen: "known_red" } },
      { facts: { seen: "turned_red" } },
    ]);
    const text = await said("summary", "coder");
    expect(text).toContain(
      `Worth a look   ${turned}: claims success, and was seen turned red\n` +
        `               ${red}: claims success, and was seen red\n` +
        `               ${stale}: claims success, and was seen stale\n`,
    );
    expect(text).toContain("               1 run changed what decides the tests\n");
    expect(await said("brief", "coder", "--detail", "full")).toContain(
      "- Claims of success on tests that were red or stale: 3\n",
    );
    await said("verify", "coder", turned, "--success", "--by", "human");
    expect(await evidence()).toMatchObject({
      worth_a_look: [{ execution_id: red }, { execution_id: stale }],
      worth_a_look_total: 2,
    });
  });

  test("are five at most, and the number of the others", async () => {
    await runs(repeated(7, () => ({ claim: true, facts: { seen: "red" as const } })));
    expect(await said("summary", "coder")).toContain("               and 2 further claims like these\n");
  });
});

test("a model whose price is unknown has no cost, and never 0", async () => {
  await runs([{ claim: true, verdict: true, facts: { seen: "green", model: "own-model", cost_usd: null } }]);
  expect(await evidence()).toMatchObject({ cost_usd: { runs: 0, per_verified_success: null, unpriced_runs: 1 } });
  expect(await said("summary", "coder")).toMatch(/^Cost +unknown; of 1 run the model has no known price$/m);
  expect(tableIn(await said("summary"))[0]).not.toContain("cost");
  await runs([{ claim: true, facts: { seen: "green" } }]);
  expect(await said("summary", "coder")).toMatch(/^Cost +\$0\.0500 a run; of 1 run the model has no known price$/m);
  const csv = await exported("csv");
  expect(csv.map(({ seen_cost_usd: cost }) => cost)).toEqual(["", "0.05"]);
});

describe("an agent of which there is evidence only", () => {
  test("has a line, a summary and a brief, without a rate", async () => {
    await runs([{ facts: { seen: "untested", backfilled: true } }]);
    expect(tableIn(await said("agents"))[1]).toMatch(/^coder +0 +n\/a +0 of 1 +90\.0 s +\$0\.050 +n\/a$/);
    const summary = await said("summary", "coder");
    expect(summary).toContain(
      'No run of "coder" is on record. Evidence of 1 run is kept.\n\nSeen    untested 1, of 1 run with',
    );
    expect(await said("brief", "coder", "--detail", "full")).toContain(
      "## Claimed against verified\n\n- Seen: untested 1, of 1 with evidence\n",
    );
  });

  test("that edits nothing is not told to have tested nothing", async () => {
    await runs(repeated(3, () => ({ claim: true, facts: { seen: "no_edit" as const, edits: 0 } })));
    expect(tableIn(await said("agents"))[0]).not.toContain("seen green");
    expect(await said("summary", "coder")).toMatch(/^Seen +no edit 3, of 3 runs with evidence$/m);
  });
});

/** The rows of the table, by the names of its columns. No cell of these runs has a comma. */
async function exported(format: "csv"): Promise<Record<string, string>[]> {
  const path = join(temporaryFolder(), "runs.csv");
  await said("export", "--format", format, "--output", path);
  const [titles = "", ...rows] = readFileSync(path, "utf8").replace("\ufeff", "").trimEnd().split("\r\n");
  const names = titles.split(",");
  return rows.map((row) => Object.fromEntries(row.split(",").map((cell, at) => [names[at], cell])));
}

describe("an export", () => {
  test("to a table has columns for what was seen, only if anything was", async () => {
    await withKaizen((kaizen) => kaizen.record({ agent: CODER, success: true, timestamp: ago(1_000 * HOUR_MS) }));
    expect(Object.keys((await exported("csv"))[0] ?? {}).filter((name) => name.startsWith("seen"))).toEqual([]);
    await runs([{ claim: true, verdict: false, facts: { seen: "stale", check: "failed" } }]);
    const [before, seen] = await exported("csv");
    expect(before).toMatchObject({ success: "true", verified: "", seen: "", seen_cost_usd: "", seen_edits: "" });
    expect(seen).toMatchObject({
      success: "true",
      verified: "false",
      verified_by: "ci",
      seen: "stale",
      ...{
        seen_model: measured.model,
        seen_time_s: "90",
        seen_cost_usd: "0.05",
        seen_tool_errors: "1",
        seen_edits: "3",
      },
      ...{
        seen_input_tokens: "100",
        seen_output_tokens: "2000",
        seen_cache_read_tokens: "50000",
        seen_cache_write_tokens: "3000",
      },
      seen_check: "failed",
    });
  });

  test("to spans has what was seen of a run, by the names of the conventions", async () => {
    await runs([{ claim: true, facts: { seen: "green" } }]);
    const path = join(temporaryFolder(), "spans.json");
    await said("export", "--format", "otlp", "--output", path);
    const [line = ""] = readFileSync(path, "utf8").split("\n");
    const { attributes } = JSON.parse(line).resourceSpans[0].scopeSpans[0].spans[0];
    const found = Object.fromEntries(
      attributes.map(({ key, value }: { key: string; value: object }) => [key, Object.values(value)[0]]),
    );
    expect(found).toMatchObject({
      "kaizen.success": true,
      "kaizen.seen": "green",
      "gen_ai.response.model": measured.model,
      "gen_ai.usage.input_tokens": "53100",
      "gen_ai.usage.output_tokens": "2000",
      "gen_ai.usage.cache_read.input_tokens": "50000",
      "kaizen.seen_time_s": 90,
    });
  });
});

describe("a report that comes after the transcript was read", () => {
  const report = ["record", "coder", "--success", "--idempotency-key", "k1", "--json"];

  beforeEach(() => withKaizen((kaizen) => kaizen.evidence.note(CODER, { key: "k1", ended: ago(), ...measured })));

  test("gets what it leaves out, and says where that is from", async () => {
    await said(...report);
    const [record] = JSON.parse(await said("executions", "coder", "--json")).executions;
    expect(record).toMatchObject({
      execution_time_s: 90,
      model: measured.model,
      input_tokens: 53_100,
      output_tokens: 2_000,
      cost_usd: 0.05,
      from_transcript: ["execution_time_s", "model", "input_tokens", "output_tokens", "cost_usd"],
    });
  });

  test("keeps what it says itself", async () => {
    await said(...report, "--execution-time-s", "12", "--model", "other");
    const [record] = JSON.parse(await said("executions", "coder", "--json")).executions;
    expect(record).toMatchObject({
      execution_time_s: 12,
      model: "other",
      from_transcript: ["input_tokens", "output_tokens", "cost_usd"],
    });
  });

  test("is a duplicate the second time, also once more is known of the run", async () => {
    const { id } = JSON.parse(await said(...report));
    expect(JSON.parse(await said(...report))).toMatchObject({ id, duplicate: true, recorded: false });
    await withKaizen((kaizen) => kaizen.evidence.note(CODER, { key: "k1", duration_s: 91, cost_usd: 0.06 }));
    expect(JSON.parse(await said(...report))).toMatchObject({ id, duplicate: true });
    const { status, stderr } = await runCommandHere([...report, "--task", "another"], { root });
    expect([status, JSON.parse(stderr).error.code]).toEqual([1, "KEY_CONFLICT"]);
  });
});
