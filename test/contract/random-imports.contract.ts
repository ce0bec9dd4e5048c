import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { SourceFile } from "../../src/kaizen/import/import.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import type { Store } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import type { Place } from "../support/places.ts";
import { clockAt, REVIEWER } from "../support/runs.ts";

const { now } = clockAt();

/** A history whose runs are known by keys, by ids, or by what they say; of the last kind some are equal. */
const history = fc
  .array(fc.record({ kind: fc.constantFrom("key", "id", "none"), minute: fc.nat(5), n: fc.nat(2) }), { maxLength: 15 })
  .map((runs) =>
    runs.map(({ kind, minute, n }, index): JsonObject => {
      const record = { success: n > 0, timestamp: `2026-11-22T09:0${minute}:00Z`, n };
      if (kind === "key") return { ...record, idempotency_key: `k${index}` };
      return kind === "id" ? { ...record, id: idOf(index) } : record;
    }),
  );

/** Copies of parts of it, each in the order of the whole. */
const copies = fc.array(fc.array(fc.boolean(), { minLength: 15, maxLength: 15 }), { minLength: 1, maxLength: 4 });

function source(records: readonly JsonObject[]): SourceFile {
  return {
    kind: "runs",
    name: "copy",
    agent: REVIEWER,
    async *lines() {
      yield records.map((record, index) => ({ bytes: Buffer.from(JSON.stringify(record)), line: index + 1 }));
    },
  };
}

async function importAll(store: Store, parts: readonly (readonly JsonObject[])[]): Promise<string[]> {
  const kaizen = new Kaizen({ store, now, randomHex: () => "0".repeat(20), retentionDays: null });
  for (const part of parts) {
    const rehearsal = await kaizen.importer({ isDryRun: true, onProgress: () => {} });
    await rehearsal.take(source(part));
    const importer = await kaizen.importer({ isDryRun: false, onProgress: () => {} });
    await importer.take(source(part));
    const report = await importer.finish([]);
    expect((await rehearsal.finish([])).runs).toEqual(report.runs);
  }
  const lines: string[] = [];
  for await (const { runs } of kaizen.scan([REVIEWER], {})) lines.push(...runs.map(({ text }) => text));
  await kaizen.close();
  return lines;
}

export function describeRandomImports(name: string, newPlace: () => Place, numRuns: number): void {
  test(`whichever copies of a history come into ${name}, and in whichever order, each run of theirs is there once`, async () => {
    await fc.assert(
      fc.asyncProperty(history, copies, async (records, masks) => {
        const parts = masks.map((mask) => records.filter((_, index) => mask[index]));
        // Of equal runs as many as the copy has that has most of them; of the others one.
        const expected = new Map<string, number>();
        for (const part of parts) {
          const counts = new Map<string, number>();
          for (const text of part.map((record) => JSON.stringify(record)))
            counts.set(text, (counts.get(text) ?? 0) + 1);
          for (const [text, count] of counts) expected.set(text, Math.max(count, expected.get(text) ?? 0));
        }
        const lines = [...expected].flatMap(([text, count]) => Array<string>(count).fill(text)).sort();
        const found = await importAll(newPlace().open({ now, retentionDays: null }), [...parts, ...parts]);
        expect([...found].sort()).toEqual(lines);
        const times = found.map((text) => JSON.parse(text).timestamp);
        expect(times).toEqual([...times].sort());
      }),
      { numRuns },
    );
  });
}
