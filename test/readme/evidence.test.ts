import { expect, test } from "vitest";
import { evidenceLineSchema, factsSchema, seenSchema } from "../../src/domain/evidence/evidence.ts";
import { evidenceFiguresSchema, seenWord } from "../../src/domain/evidence/evidence-figures.ts";
import { chapter, codesIn, table } from "./page.ts";

const page = chapter("Evidence");

test("the table of what is kept has each field of a line, and no other", () => {
  const listed = table(page, "field").flatMap(([names = ""]) => codesIn(names));
  expect(listed.toSorted()).toEqual(Object.keys(evidenceLineSchema.shape).sort());
});

test("the words that a field may have are those of the page", () => {
  const rowOf = (name: string) => table(page, "field").find(([names]) => codesIn(names ?? "").includes(name)) ?? [];
  const { client, ended_by, flags } = factsSchema.shape;
  expect(codesIn(rowOf("client")[1] ?? "")).toEqual(client.unwrap().options);
  expect(codesIn(rowOf("ended_by")[1] ?? "")).toEqual([
    ...ended_by.unwrap().options,
    ...flags.unwrap().element.options,
  ]);
});

test("the tables of classes and of what a check comes to are whole", () => {
  expect(table(page, "class").map(([name]) => name)).toEqual(seenSchema.options.map(seenWord));
  const checks = table(page, "`check`").flatMap(([names = ""]) => codesIn(names));
  expect(checks).toEqual(factsSchema.shape.check.unwrap().options);
});

test("every figure is explained", () => {
  const explained = table(page, "evidence").flatMap(([names = ""]) => codesIn(names));
  const { runs: _, worth_a_look_total: __, ...figures } = evidenceFiguresSchema.shape;
  expect(explained.toSorted()).toEqual(Object.keys(figures).sort());
});
