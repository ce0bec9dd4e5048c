import { expect, test } from "vitest";
import { judge } from "../../../src/domain/evidence/commands/judge.ts";
import { readFixture } from "../../support/fixtures.ts";

interface Case {
  command: string;
  exit: number;
  output: string;
  reading: string;
}

test.each(readFixture<Case[]>("evidence/commands.json"))("$command, ended with $exit", ({ reading, ...step }) => {
  const judgement = judge({ kind: "cmd", ...step });
  const read = judgement && `${judgement.type} ${judgement.runner} ${judgement.outcome} (${judgement.how})`;
  expect(read ?? "not a test").toBe(reading);
});
