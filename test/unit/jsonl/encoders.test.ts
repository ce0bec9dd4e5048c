import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeIndentedJson, encodeJson } from "../../../src/adr004/json-style.ts";
import { encodeAdvice } from "../../../src/adr004/recommendation-line.ts";
import { encodeLine, encodeSummary } from "../../../src/adr004/run-line.ts";
import { jsonDocument } from "../../../src/cli/frame/json-document.ts";
import { nodeFileSystem } from "../../../src/storage/jsonl/files/file-system.ts";
import { loadSealed, saveSealed } from "../../../src/storage/jsonl/projection/sealed-file.ts";
import { fastTemporaryFolder } from "../../support/places.ts";

/** Whatever a program can hold, with holes, functions and numbers that no JSON has. */
const anything = fc.anything({ withBigInt: true, withSparseArray: true, withMap: true, withNullPrototype: true });
const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 5e-324, 1.7e308, 1e16));

it("nothing that is no JSON leaves an encoder, whatever it is given", () => {
  fc.assert(
    fc.property(fc.oneof(anything, number), (value) => {
      expect(() => JSON.parse(encodeJson(value))).not.toThrow();
      expect(() => JSON.parse(encodeIndentedJson(value))).not.toThrow();
      for (const line of [encodeLine({ value }), encodeAdvice([{ value }], new Map()).toString()]) {
        expect(line).toMatch(/^[ -~]*\n$/);
        expect(() => JSON.parse(line)).not.toThrow();
      }
    }),
  );
});

it("what JSON has comes out as JavaScript's own encoder has it, beside the style", () => {
  const value = fc.oneof(
    fc.jsonValue({ depthSize: "medium" }),
    fc.dictionary(fc.string(), fc.oneof(number, fc.constant(undefined), fc.array(number))),
  );
  fc.assert(
    fc.property(value, (value) => {
      const expected = JSON.parse(JSON.stringify(value, (_, item) => (Object.is(item, -0) ? 0 : item)));
      const read = (text: string) => JSON.parse(text, (_, item) => (Object.is(item, -0) ? 0 : item));
      expect(read(encodeJson(value))).toEqual(expected);
      expect(read(encodeIndentedJson(value))).toEqual(expected);
      expect(JSON.parse(jsonDocument(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it("a summary is JSON, whatever its figures have come to", () => {
  fc.assert(
    fc.property(number, number, fc.option(number), (rate, delta, quality) => {
      const summary = {
        agent: "reviewer",
        execution_count: 3,
        success_rate: rate,
        avg_quality_score: quality,
        avg_execution_time_s: delta,
        last_execution: null,
        trend: { success_rate_delta: delta, quality_score_delta: quality, direction: "stable" },
      };
      const text = encodeSummary(summary as unknown as Parameters<typeof encodeSummary>[0]);
      expect(JSON.parse(text)).toMatchObject({ success_rate: Number.isFinite(rate) ? rate : null });
    }),
  );
});

it("a checkpoint is read back as JSON has it, whatever numbers are in it", () => {
  const path = join(fastTemporaryFolder(), "checkpoint.json");
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.array(number)), (value) => {
      saveSealed(nodeFileSystem, path, value);
      expect(loadSealed(nodeFileSystem, path)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 50 },
  );
});
