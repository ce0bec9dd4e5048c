import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EntryTable } from "../../../src/storage/jsonl/key-index/entry-table.ts";

const half = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1));
const entry = fc.record({ high: half, low: half, place: fc.integer({ min: 0, max: 2 ** 40 }) });

function tableOf(entries: readonly { high: number; low: number; place: number }[]): EntryTable {
  const table = new EntryTable();
  for (const { high, low, place } of entries) table.add({ high, low }, place);
  return table;
}

describe("the table of index entries", () => {
  it("finds every place of a hash, and no other", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 300 }), (entries) => {
        const table = tableOf(entries);
        for (const { high, low } of entries) {
          const found: number[] = [];
          table.collect({ high, low }, found);
          const places = entries
            .filter((other) => other.high === high && other.low === low)
            .map((other) => other.place);
          expect(found.sort((a, b) => a - b)).toEqual(places.sort((a, b) => a - b));
        }
      }),
    );
  });

  it("gives the entries from a place on in the order of their hashes", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 300 }), fc.integer({ min: 0, max: 2 ** 40 }), (entries, from) => {
        const { highs, lows, places } = tableOf(entries).sorted(from);
        const given = Array.from(highs, (high, index) => [high, lows[index], places[index]].join());
        const kept = entries.filter((one) => one.place >= from).map((one) => [one.high, one.low, one.place].join());
        expect(given.toSorted()).toEqual(kept.toSorted());
        expect([...highs]).toEqual([...highs].sort((a, b) => a - b));
      }),
    );
  });

  it("takes more equal hashes than it has room behind its last slot", () => {
    const entries = Array.from({ length: 500 }, (_, place) => ({ high: 2 ** 32 - 1, low: 7, place }));
    const found: number[] = [];
    tableOf(entries).collect({ high: 2 ** 32 - 1, low: 7 }, found);
    expect(found).toHaveLength(500);
  });
});
