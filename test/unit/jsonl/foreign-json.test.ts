import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asJson, parseForeignObject, withDigits } from "../../../src/adr004/foreign-json.ts";
import { decodeLifecycleEvent } from "../../../src/adr004/lifecycle-line.ts";
import { decodeEntry } from "../../../src/adr004/recommendation-line.ts";
import { digitsIn, namedText } from "../../../src/adr004/record-text.ts";
import { decodeLine } from "../../../src/adr004/run-line.ts";
import { decodeVerification } from "../../../src/adr004/verification-line.ts";

/** A value as another program writes it, and as it is to be read. */
type Written = readonly [text: string, read: unknown];

const words = fc.constantFrom<Written>(["NaN", null], ["Infinity", null], ["-Infinity", null]);
const beyond = fc.constantFrom(
  "1e400",
  "-1e400",
  "1E+309",
  "1e0400",
  `1${"0".repeat(309)}`,
  `-${"9".repeat(310)}.5`,
  `${"9".repeat(230)}e99`,
);
const held = fc.constantFrom("1.0", "-0.5", "1e308", "12345678901234567890", "1e-400", "0", `0.${"1".repeat(400)}`);
const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("NaN", "1e400", '"NaN', "-Infinity\\", "}1e400{"));

const { value } = fc.letrec<{ value: Written; object: Written }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    words,
    beyond.map((digits): Written => [digits, digits]),
    held.map((digits): Written => [digits, Number(digits)]),
    text.map((string): Written => [JSON.stringify(string), string]),
    fc
      .array(tie("value"), { maxLength: 4 })
      .map((items): Written => [`[${items.map(([item]) => item).join(", ")}]`, items.map(([, item]) => item)]),
    tie("object"),
  ),
  object: fc.dictionary(text, tie("value"), { maxKeys: 4, noNullPrototype: true }).map((members): Written => {
    const entries = Object.entries(members);
    return [
      `{${entries.map(([key, [item]]) => `${JSON.stringify(key)} : ${item}`).join(",")}}`,
      Object.fromEntries(entries.map(([key, [, item]]) => [key, item])),
    ];
  }),
}));

it("NaN and Infinity are null, a number beyond a double is its digits, and what is in a string is text", () => {
  fc.assert(
    fc.property(value, ([written, read]) => {
      expect(parseForeignObject(`{"x": ${written}}`)).toEqual({ x: read });
      const [execution] = decodeLine(Buffer.from(`{"success": true, "x": ${written}}`)).executions;
      expect(execution?.record).toEqual({ success: true, x: read });
      // What is written again is JSON, and says the same.
      expect(parseForeignObject(asJson(`{"x":${written}}`))).toEqual({ x: read });
    }),
  );
});

it("a text without any of them is the same text", () => {
  const plain = '{"id": "run_3e123e456789", "a": "NaN 1e400", "n": [1.0, 1e308, 12345678901234567890]}';
  expect(asJson(plain)).toBe(plain);
  expect(withDigits(plain)).toBe(plain);
});

it("a run is renamed in its text, and every other byte of its record stays", () => {
  fc.assert(
    fc.property(value, text, ([written], name) => {
      const line = asJson(`{"success": true, "x": ${written}, "agent" : ${JSON.stringify(name)} , "y":{"agent":1}}`);
      const [execution] = decodeLine(Buffer.from(line)).executions;
      if (execution === undefined) throw new Error("the line is a run");
      const named = namedText("scribe", { execution, text: line });
      expect(named).toMatch(/^[ -~]*$/);
      expect(JSON.parse(named)).toEqual({ ...JSON.parse(line), agent: "scribe" });
      const digits = /^-?\d/.test(written) ? [["x", written]] : [];
      expect([...digitsIn(named)]).toEqual(digits);
    }),
  );
});

it("what says whose and which run it is, is no name and no key where it is a number", () => {
  const [execution] = decodeLine(
    Buffer.from('{"success": true, "agent": 1e400, "idempotency_key": 1e400, "timestamp": 1e400, "x": 1e400}'),
  ).executions;
  expect(execution).toMatchObject({ key: undefined, at: undefined, timestamp: null, record: { x: "1e400" } });
  expect(typeof execution?.record.agent).not.toBe("string");
  expect(typeof execution?.record.idempotency_key).not.toBe("string");
});

it("a measure beyond a double is none, as one that is NaN", () => {
  for (const digits of ["1e400", "-1e400", "NaN", "Infinity"]) {
    const line = `{"success": true, "quality_score": ${digits}, "execution_time_s": ${digits}}`;
    const [execution] = decodeLine(Buffer.from(line)).executions;
    expect(execution).toMatchObject({ success: true, quality: undefined, timeS: undefined });
  }
});

describe("beside the log", () => {
  const verification =
    '"agent": "a", "execution_id": "run_1", "success": true, "verified_by": "ci", "timestamp": "2026-11-22T10:00:00Z", "claimed": true, "executed_at": null';
  const event =
    '"agent": "a", "key": "k", "event": "ended", "timestamp": "2026-11-22T10:00:00Z", "first_seen": "2026-11-22T10:00:00Z"';
  const entry = '"agent": "a", "timestamp": "2026-11-22T10:00:00Z", "metrics_count": 1';

  it.each(["NaN", "Infinity", "-Infinity", "1e400", "null"])("a line with %s in a further field is read", (number) => {
    expect(decodeVerification(Buffer.from(`{${verification}, "confidence": [${number}]}`))).toMatchObject({
      success: true,
    });
    expect(decodeLifecycleEvent(Buffer.from(`{${event}, "cpu": {"load": ${number}}}`))).toMatchObject({ key: "k" });
    const advice = `{"title": "Test first", "confidence": ${number}, "of": {"n": [${number}]}}`;
    expect(decodeEntry(Buffer.from(`{${entry}, "recommendations": [${advice}]}`))).toMatchObject({
      recommendations: [{ title: "Test first" }],
    });
  });

  it.each(["NaN", "Infinity", "null"])("%s in an optional field is as good as leaving it out", (number) => {
    expect(decodeLifecycleEvent(Buffer.from(`{${event}, "duration_s": ${number}}`))).not.toHaveProperty("duration_s");
    expect(decodeVerification(Buffer.from(`{${verification}, "evidence": ${number}}`))).not.toHaveProperty("evidence");
  });

  it("NaN in a string is text, and in the place of what a line needs it is damage", () => {
    expect(decodeVerification(Buffer.from(`{${verification}, "evidence": "NaN of 3", "n": NaN}`))).toMatchObject({
      evidence: "NaN of 3",
    });
    expect(decodeVerification(Buffer.from(`{${verification.replace('"run_1"', "NaN")}}`))).toBeUndefined();
  });
});
