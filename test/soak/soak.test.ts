import { expect, test } from "vitest";
import type { Control } from "./controls.ts";
import { soak } from "./soak.ts";

/** Minutes of this are `npm run soak`; a few seconds here find what is wrong in every tenth of a second. */
const seed = Number(process.env.KAIZEN_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));

test("eight processes, killed at random, lose and double nothing that was acknowledged", {
  timeout: 60_000,
}, async () => {
  const { counts, problems } = await soak({ seconds: 8, seed, control: "none", kills: true });
  expect(problems, `seed ${seed}`).toEqual([]);
  expect(counts).not.toMatchObject({ "runs acknowledged": 0 });
});

test("without the lock, the same crew doubles keys or loses runs", { timeout: 60_000 }, async () => {
  expect(await problemsWith("no-lock", /is there \d+ times|is not there|acknowledged as/)).not.toEqual([]);
});

test("without the drain, lines of unlocked writers are lost", { timeout: 60_000 }, async () => {
  expect(await problemsWith("no-drain", /unlocked writer was acknowledged, and is not there/)).not.toEqual([]);
});

/** What goes wrong with something taken away; on a busy machine little happens in two seconds, so then for longer. */
async function problemsWith(control: Control, expected: RegExp): Promise<string[]> {
  for (const seconds of [2, 4, 12]) {
    const { problems } = await soak({ seconds, seed, control, kills: false });
    const found = problems.filter((problem) => expected.test(problem));
    if (found.length > 0) return found;
  }
  return [];
}
