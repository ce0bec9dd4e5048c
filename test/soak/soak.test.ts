import { expect, test, vi } from "vitest";
import type { Control } from "./controls.ts";
import { soak } from "./soak.ts";

// Crews of many processes, on a machine that may be busy with others.
vi.setConfig({ testTimeout: 600_000 });

/** Minutes of this are `npm run soak`; some hundred facts here find what is wrong in every fiftieth. */
const seed = Number(process.env.KAIZEN_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));

test("eight processes, killed at random, lose and double nothing that was acknowledged", async () => {
  const isEnough = ({ kills, leastFacts }: { kills: number; leastFacts: number }) => kills >= 16 && leastFacts >= 8;
  const { counts, problems } = await soak({ isEnough, seed, control: "none", kills: true });
  expect(problems, `seed ${seed}`).toEqual([]);
  expect(counts).not.toMatchObject({ "runs acknowledged": 0 });
});

test("without the lock, the same crew doubles keys or loses runs", async () => {
  expect(await problemsWith("no-lock", /is there \d+ times|is not there|acknowledged as/)).not.toEqual([]);
});

test("without the drain, lines of unlocked writers are lost", async () => {
  expect(await problemsWith("no-drain", /unlocked writer was acknowledged, and is not there/)).not.toEqual([]);
});

/** What goes wrong with something taken away. The wider the round, the surer that it does. */
async function problemsWith(control: Control, expected: RegExp): Promise<string[]> {
  for (const enough of [12, 50, 200, 1000]) {
    const isEnough = ({ leastFacts }: { leastFacts: number }) => leastFacts >= enough;
    const { problems } = await soak({ isEnough, seed, control, kills: false });
    const found = problems.filter((problem) => expected.test(problem));
    if (found.length > 0) return found;
  }
  return [];
}
