import { expect, test } from "vitest";
import { DAY_MS } from "../../src/domain/run/time.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";

test("figures that are remembered are those of a process that has just begun, whatever changes", async () => {
  const root = fastTemporaryFolder();
  let now = Date.UTC(2026, 10, 1);
  let ids = 0;
  const open = () =>
    new Kaizen({
      store: openJsonl(root, { now: () => now, retentionDays: 30 }),
      now: () => now,
      randomHex: () => (++ids).toString(16).padStart(20, "0").padEnd(32, "0"),
      retentionDays: 30,
    });
  const [kaizen, writer] = [open(), open()];
  const said: number[] = [];
  const expectTheSame = async () => {
    const { stats } = await kaizen.summary("reviewer");
    expect(stats).toEqual((await open().summary("reviewer")).stats);
    expect((await kaizen.summary("reviewer")).stats).toBe(stats);
    said.push(stats.success.successes);
  };
  const recorded: string[] = [];
  for (let run = 0; run < 12; run += 1) {
    now += DAY_MS;
    recorded.push((await writer.record({ agent: "reviewer", success: true, quality_score: 0.5 })).id ?? "");
  }
  await expectTheSame();
  const verification = { agent: "reviewer", execution_id: recorded[1] ?? "", verified_by: "ci" as const };
  await writer.verify({ ...verification, success: false });
  await expectTheSame();
  await writer.verify({ ...verification, success: true });
  await expectTheSame();
  await writer.record({ agent: "reviewer", success: false, error: "timeout after 30 s" });
  await expectTheSame();
  now += 24 * DAY_MS;
  await expectTheSame();
  expect(said).toEqual([12, 11, 12, 12, 7]);
});
