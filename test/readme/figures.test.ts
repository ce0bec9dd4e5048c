import { expect, test } from "vitest";
import { compareSince } from "../../src/domain/coaching/since-then.ts";
import { compareArms } from "../../src/domain/figures/comparison.ts";
import { firstDay, secondDay, TEST_WRITER } from "../demo/day.ts";
import { demoFigures } from "./demo-project.ts";
import { block, chapter, codesIn, table } from "./page.ts";

const example = chapter("A worked example");

test("the signs of the worked example are the runs of the demo", () => {
  const signsOf = (reports: ReturnType<typeof firstDay>) =>
    reports
      .filter(({ run }) => run.agent === TEST_WRITER)
      .map(({ run, verification }) =>
        verification !== undefined && verification.success !== run.success ? "!" : run.success ? "." : "x",
      )
      .join("");
  const shown = block(example, "").match(/\S+$/gm);
  expect(shown).toEqual([signsOf(firstDay(0)), signsOf(secondDay(0))]);
});

test("the figures of the worked example are those of the code", async () => {
  const { evening } = await demoFigures();
  for (const [figure = "", , value = ""] of table(example, "figure")) {
    expect(rounded(at(evening, codesIn(figure)[0] ?? "")), figure).toEqual(shownValue(value));
  }
});

test("what the worked example says of the runs since the adoption is what the code says", async () => {
  const { sinceThen } = await demoFigures();
  for (const [figure = "", , value = ""] of table(example, "since then")) {
    expect(rounded(at(sinceThen, codesIn(figure)[0] ?? "")), figure).toEqual(shownValue(value));
  }
});

test("with the claims believed there would be no clear change, as the page says", () => {
  const before = { runs: 16, successes: 11, left_out: 4 };
  const { bayes_factor: factor, verdict } = compareSince(before, Array<boolean>(20).fill(true));
  expect(verdict).toBe("no_clear_change");
  expect(example).toContain(`11 of 16 before, a factor of ${factor?.toFixed(1)}`);
});

test("the comparison of two sides is told as the page tells it", () => {
  const large = { name: "model large", runs: 12, successes: 11 };
  const { evidence } = compareArms(large, { name: "the rest", runs: 12, successes: 4 });
  expect(codesIn(chapter("How each is computed"))).toContain(evidence);
});

test("the sample brief is what the demo's test writer reads, to the byte", async () => {
  expect(block(chapter("The brief"), "markdown")).toBe((await demoFigures()).brief);
});

/** What stands in a structure under a path such as `success.rate`. */
function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((part, name) => Reflect.get(Object(part), name), value);
}

/** Numbers with the four decimals of the page. */
function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, part) => (typeof part === "number" ? Number(part.toFixed(4)) : part));
}

function shownValue(cell: string): unknown {
  return JSON.parse(codesIn(cell)[0] ?? "");
}
