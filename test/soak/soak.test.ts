import { expect, test } from "vitest";
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
  const { problems } = await soak({ seconds: 2, seed, control: "no-lock", kills: false });
  expect(problems.filter((problem) => /is there \d+ times|is not there|acknowledged as/.test(problem))).not.toEqual([]);
});

test("without the drain, lines of unlocked writers are lost", { timeout: 60_000 }, async () => {
  const { problems } = await soak({ seconds: 2, seed, control: "no-drain", kills: false });
  expect(problems.filter((problem) => /unlocked writer was acknowledged, and is not there/.test(problem))).not.toEqual(
    [],
  );
});
