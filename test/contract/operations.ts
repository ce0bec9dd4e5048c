import fc from "fast-check";

/** How long the stores under random operations keep a run. Ages and jumps of the clock are drawn around it. */
export const RETENTION_DAYS = 30;

/** One step of a random history. Plain data, so that a failing sequence prints as what it is, and shrinks. */
export type Operation =
  | { do: "append"; agent: number; store: number; key?: number; content: number; ageDays: number; quality?: number }
  | { do: "appendTogether"; agent: number; store: number; keys: (number | null)[] }
  | { do: "foreign"; agent: number; runs: ImportedRun[]; repeat: number }
  | { do: "garbage"; agent: number; text: number }
  | { do: "tornTail"; agent: number }
  | { do: "advance"; days: number }
  | { do: "prune" | "repair" | "overviewOf"; agent: number; store: number }
  | { do: "page"; agent: number; store: number; limit: number }
  | { do: "reopen"; store: number }
  | { do: "dropIndex"; agent: number };

export interface ImportedRun {
  ageDays: number;
  success: boolean | 0 | 1;
  quality?: number;
  key?: number;
  /** So much text that an index is due after one or two of them, and pruning no longer at once. */
  large?: boolean;
  /** How its writer spells the instant. */
  spelling: "offset" | "naive" | "unix" | "missing" | "unreadable";
}

const agent = fc.nat(1);
const store = fc.nat(1);
const key = fc.nat(3);
/** Mostly fresh, sometimes near the edge of retention, sometimes over it already. */
const ageDays = fc.oneof(
  { arbitrary: fc.constant(0), weight: 3 },
  { arbitrary: fc.nat(RETENTION_DAYS + 3), weight: 2 },
  { arbitrary: fc.integer({ min: 0, max: 300 }).map((tenths) => tenths / 10), weight: 1 },
);
const quality = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);
const optional = { requiredKeys: ["do", "agent", "store", "content", "ageDays"] as const };

const importedRun: fc.Arbitrary<ImportedRun> = fc.record(
  {
    ageDays,
    success: fc.constantFrom(true, false, 0 as const, 1 as const),
    quality,
    key,
    large: fc.boolean(),
    spelling: fc.constantFrom("offset", "naive", "unix", "missing", "unreadable"),
  },
  { requiredKeys: ["ageDays", "success", "spelling"] },
) as fc.Arbitrary<ImportedRun>;

function op<const Name extends Operation["do"]>(name: Name) {
  return fc.constant(name);
}

const append = fc.record(
  { do: op("append"), agent, store, key, content: fc.nat(1), ageDays, quality },
  {
    requiredKeys: [...optional.requiredKeys],
  },
) as fc.Arbitrary<Operation>;

export const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: append },
    {
      weight: 2,
      arbitrary: fc.record({
        do: op("appendTogether"),
        agent,
        store,
        keys: fc.array(fc.option(key), { maxLength: 8 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: op("foreign"),
        agent,
        runs: fc.array(importedRun, { minLength: 1, maxLength: 4 }),
        // Long runs of lines push others out of the windows that a summary is taken from.
        repeat: fc.oneof(fc.constant(1), fc.constant(1), fc.constantFrom(7, 60, 110)),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: op("garbage"), agent, text: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ do: op("tornTail"), agent }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: op("advance"), days: fc.oneof(fc.nat(12), fc.constantFrom(0.4, 29, 31)) }),
    },
    { weight: 2, arbitrary: fc.record({ do: op("prune"), agent, store }) },
    { weight: 1, arbitrary: fc.record({ do: op("repair"), agent, store }) },
    { weight: 1, arbitrary: fc.record({ do: op("overviewOf"), agent, store }) },
    { weight: 1, arbitrary: fc.record({ do: op("page"), agent, store, limit: fc.integer({ min: 1, max: 7 }) }) },
    { weight: 2, arbitrary: fc.record({ do: op("reopen"), store }) },
    { weight: 2, arbitrary: fc.record({ do: op("dropIndex"), agent }) },
  ),
  { maxLength: 40, size: "max" },
);
