import { expect, test } from "vitest";
import { createLog } from "../../src/log.ts";

function logged(say: (log: ReturnType<typeof createLog>) => void): string {
  const texts: string[] = [];
  say(createLog((text) => texts.push(text)));
  return texts.join("");
}

test("a message is a line that names its program", () => {
  expect(logged((log) => log.info("ready"))).toBe("kaizen-metrics: ready\n");
});

test("an error comes with its stack and with what caused it", () => {
  const error = new Error("outer", { cause: new Error("inner") });
  const text = logged((log) => log.error("it failed", error));
  expect(text).toMatch(/^kaizen-metrics: it failed\nError: outer\n {4}at [\s\S]*\ncaused by Error: inner\n {4}at /);
});

test("what others wrote cannot steer the terminal", () => {
  expect(logged((log) => log.info("name \u001b[2J\r\u0007 end"))).toBe("kaizen-metrics: name ?[2J?? end\n");
});
