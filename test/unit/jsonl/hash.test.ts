import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readRun } from "../../../src/adr004/run-line.ts";
import { identitiesOf } from "../../../src/domain/run/execution.ts";
import { hashText } from "../../../src/storage/jsonl/key-index/hash.ts";
import { identified } from "../../../src/storage/jsonl/key-index/lookup.ts";
import { idOf } from "../../support/histories.ts";

it("the hash of a text is the same in one piece and in two", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (prefix, rest) => {
      expect(hashText(rest, prefix)).toEqual(hashText(prefix + rest));
    }),
  );
});

it("hashes do not change: the files of an index hold them", () => {
  expect([hashText(""), hashText("id:run_00000000000000000001"), hashText("é\u{1f600}")]).toMatchInlineSnapshot(`
    [
      {
        "high": 3151743607,
        "low": 2876957661,
      },
      {
        "high": 2417529714,
        "low": 687418922,
      },
      {
        "high": 3008484409,
        "low": 1687008488,
      },
    ]
  `);
});

it("a run is looked for by the hashes of its identities, in their order", () => {
  fc.assert(
    fc.property(
      fc.option(fc.string(), { nil: undefined }),
      fc.constantFrom(idOf(1), "theirs", undefined),
      (key, id) => {
        const record = { success: true, ...(key === undefined ? {} : { idempotency_key: key }), ...(id && { id }) };
        const run = readRun(record);
        const { called, hashes } = (run && identified(run)) ?? {};
        expect(hashes).toEqual(run && identitiesOf(run).map((identity) => hashText(identity)));
        expect(called).toEqual(id === idOf(1) || run === undefined ? undefined : hashText(`id:${run.id}`));
      },
    ),
  );
});
