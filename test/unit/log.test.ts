import { expect, test } from "vitest";
import { createLog, stderrLog } from "../../src/log.ts";

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

test("what others wrote cannot steer the terminal, nor show in another order than it stands in", () => {
  const isolates = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c";
  expect(logged((log) => log.info(`a${isolates}b\u{e0041}\u2028c`))).toBe(`kaizen-metrics: a${"?".repeat(12)}b??c\n`);
  const joined = "\u{1f469}\u200d\u{1f4bb} n\u200cm é\tü";
  expect(logged((log) => log.info(joined))).toBe(`kaizen-metrics: ${joined}\n`);
  expect(logged((log) => log.info("name \u001b[2J\r\u0007 end"))).toBe("kaizen-metrics: name ?[2J?? end\n");
});

test("what nobody reads is lost rather than kept without end", () => {
  let unread = 0;
  const stderr = {
    get writableLength() {
      return unread;
    },
    write(text: string) {
      unread += text.length;
    },
  };
  const log = stderrLog(() => stderr);
  for (let count = 0; count < 10_000; count += 1) log.info("x".repeat(1_000));
  expect(unread).toBeLessThan(300_000);
  unread = 0;
  log.info("somebody reads again");
  expect(unread).toBe("kaizen-metrics: somebody reads again\n".length);
});
