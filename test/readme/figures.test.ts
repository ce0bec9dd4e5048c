import { expect, test } from "vitest";
import { measureEffect } from "../../src/domain/coaching/effect.ts";
import { compareArms } from "../../src/domain/figures/comparison.ts";
import { firstDay, secondMorning, TEST_WRITER } from "../demo/day.ts";
import { detectDrop, simulationTable } from "../support/simulation.ts";
import { demoFigures } from "./demo-project.ts";
import { block, chapter, codesIn, table } from "./page.ts";

const example = chapter("A worked example");
const comparison = chapter("Verdict and trend");
/** The simulations of the page. */
const simulation = { histories: 2000, seed: 20261122 };

test("the signs of the worked example are the runs of the demo", () => {
  const signsOf = (reports: ReturnType<typeof firstDay>) =>
    reports
      .filter(({ run }) => run.agent === TEST_WRITER)
      .map(({ run, verification }) =>
        verification !== undefined && verification.success !== run.success ? "!" : run.success ? "." : "x",
      )
      .join("");
  const shown = block(example, "").match(/\S+$/gm);
  expect(shown).toEqual([signsOf(firstDay(0)), signsOf(secondMorning(0))]);
});

test("the figures of the worked example are those of the code", async () => {
  const { evening } = await demoFigures();
  for (const [figure = "", , value = ""] of table(example, "figure")) {
    expect(rounded(at(evening, codesIn(figure)[0] ?? "")), figure).toEqual(shownValue(value));
  }
});

test("the effect in the worked example is that of the code", async () => {
  const { effect } = await demoFigures();
  for (const [figure = "", , value = ""] of table(example, "effect")) {
    expect(rounded(at(effect, codesIn(figure)[0] ?? "")), figure).toEqual(shownValue(value));
  }
});

test("with the claims believed there would be no clear effect, as the page says", () => {
  const { verdict, p_after_greater: p } = measureEffect(
    { runs: 16, successes: 12, left_out: 4 },
    { runs: 14, successes: 14 },
  );
  expect(verdict).toBe("no_clear_effect");
  expect(example).toContain(`12 of 16 before, P ${p?.toFixed(3)}`);
});

test("the comparison of two sides is told as the page tells it", () => {
  const large = { name: "model large", runs: 12, successes: 11 };
  const { evidence } = compareArms(large, { name: "the rest", runs: 12, successes: 4 });
  expect(codesIn(chapter("How each is computed"))).toContain(evidence);
});

test("the sample brief is what the demo's test writer reads, to the byte", async () => {
  expect(block(chapter("The brief"), "markdown")).toBe((await demoFigures()).brief);
});

test("the table of false alarms is what the simulation gives", () => {
  expect(comparison).toContain(simulationTable(simulation));
});

test("the table of drops is what the simulation gives", () => {
  for (const [drop = "", found = "", after = ""] of table(comparison, "drop")) {
    const [from = 0, to = 0] = [...drop.matchAll(/\d+/g)].map((match) => Number(match[0]) / 100);
    const detection = detectDrop(from, to, simulation);
    const decimals = found.replace(/^\d+\.?|%$/g, "").length;
    expect([(100 * detection.found).toFixed(decimals), detection.medianRuns], drop).toEqual([
      found.replace("%", ""),
      Number.parseInt(after, 10),
    ]);
  }
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
