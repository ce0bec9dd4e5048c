import fc from "fast-check";
import { expect, test } from "vitest";
import { readRun } from "../../../src/adr004/run-line.ts";
import { type CsvForm, csvTable, OtherColumns } from "../../../src/cli/export/csv.ts";
import type { JsonObject } from "../../../src/domain/text/json.ts";
import type { Verification } from "../../../src/domain/verification/verification.ts";
import type { ScannedRun } from "../../../src/kaizen/export.ts";

/** RFC 4180, read by its grammar: fields between commas, quoted ones with doubled quotes, records end with CR LF. */
function readCsv(text: string, separator = ","): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const record: string[] = [];
    for (;;) {
      const match = text[at] === '"' ? /"((?:[^"]|"")*)"/y : separator === "," ? /([^",\r\n]*)/y : /([^";\r\n]*)/y;
      match.lastIndex = at;
      const found = match.exec(text);
      if (found === null) throw new Error(`no field at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
      record.push(text[at] === '"' ? (found[1] ?? "").replaceAll('""', '"') : (found[1] ?? ""));
      at = match.lastIndex;
      if (text[at] !== separator) break;
      at += 1;
    }
    if (text.slice(at, at + 2) !== "\r\n") throw new Error(`no end of a record at ${at}`);
    at += 2;
    records.push(record);
  }
  return records;
}

function run(record: JsonObject, verifications: readonly Verification[] = []): ScannedRun {
  const execution = readRun({ success: true, ...record });
  if (execution === undefined) throw new Error("the record is a run");
  return { execution, text: JSON.stringify(execution.record), verifications };
}

/** The rows as objects. */
function table(runs: readonly ScannedRun[], agent = "reviewer", form: CsvForm = "point"): Record<string, string>[] {
  const others = new OtherColumns();
  for (const { execution } of runs) others.add(execution.record);
  const { header, row } = csvTable(others.chosen(), form);
  const text = header + runs.map((one) => row(agent, one)).join("");
  const [titles = [], ...rows] = readCsv(text, form === "point" ? "," : ";");
  return rows.map((cells) => Object.fromEntries(titles.map((title, column) => [title, cells[column] ?? "missing"])));
}

const verification: Verification = {
  agent: "reviewer",
  execution_id: "run_1",
  success: false,
  verified_by: "human",
  timestamp: "2026-11-22T10:00:00Z",
  claimed: true,
  executed_at: null,
};

test("known fields have their columns in a fixed order, and other keys follow by name", () => {
  const { header } = csvTable(["a", "b"], "point");
  expect(header).toBe(
    "agent,timestamp,success,verified,verified_by,quality_score,execution_time_s,task,error_type,error,notes,model,version," +
      "input_tokens,output_tokens,cost_usd,id,idempotency_key,a,b,other_fields\r\n",
  );
});

test("values stand as they are; what is not there is empty; lists and objects are JSON", () => {
  const [row] = table([
    run({ quality_score: 0.5, notes: 'a, "b"\nc', list: [1, { x: "é" }], no: null, yes: false, big: 1e21 }),
  ]);
  expect(row).toMatchObject({ agent: "reviewer", success: "true", quality_score: "0.5", notes: 'a, "b"\nc' });
  expect(row).toMatchObject({
    list: '[1,{"x":"é"}]',
    no: "",
    yes: "false",
    big: "1e+21",
    verified: "",
    other_fields: "",
  });
});

test("the outcome that counts stands beside the claim, with whose word it is", () => {
  const verifications: Verification[] = [{ ...verification, verified_by: "agent", success: true }, verification];
  expect(table([run({}, verifications)])[0]).toMatchObject({
    success: "true",
    verified: "false",
    verified_by: "human",
  });
});

test("keys that are too many, too long, or have the name of another column are kept together", () => {
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`key${String(n).padStart(3, "0")}`, n]));
  const [first, second] = table([
    run({ frequent: 1, verified: "mine", ["x".repeat(300)]: 2, "": 3 }),
    run({ ...many, frequent: 1 }),
  ]);
  expect(JSON.parse(first?.other_fields ?? "")).toEqual({ verified: "mine", ["x".repeat(300)]: 2, "": 3 });
  expect(first?.frequent).toBe("1");
  expect(Object.keys(second ?? {})).toHaveLength(18 + 100 + 1);
  expect(Object.keys(JSON.parse(second?.other_fields ?? ""))).toHaveLength(51);
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1", "-", "=cmd|' /C calc'!A0"])(
  "text that a spreadsheet could take for a formula is text: %j",
  (text) => {
    const [row] = table([run({ notes: text, [text]: text })], text);
    for (const cell of [...Object.values(row ?? {}), ...Object.keys(row ?? {})])
      expect(cell).not.toMatch(/^\s*[=+\-@＝]/);
    expect(row?.notes).toMatch(/^'/);
    expect(row?.notes?.replaceAll("'", "")).toBe(text.replace("\r", "\n").replaceAll("'", ""));
  },
);

test.each([
  ...["\u200b", "\u2060", "\u061c", "\u180e", "\ufeff", "\u00ad", "\u{e0020}", "\u0085", "\u3000", "\u0000", "\n\n"],
  "\u200b \u200b",
])("what is not seen before a formula does not hide it: %j", (before) => {
  for (const [form, other] of [
    ["point", ";"],
    ["comma", ","],
  ] as const) {
    const formula = `${before}=1+1`;
    const text = `x${other}${formula}\n${formula}\t${formula}`;
    const [row] = table([run({ notes: formula, task: text, list: [text] })], "reviewer", form);
    expect(row?.notes).toMatch(/^'/);
    // Of what is not printed a mark may be left.
    expect(row?.task?.match(/'=1\+1/g)).toHaveLength(3);
    expect(row?.list).not.toMatch(new RegExp(`${other}[\\s"\\p{C}\ufffd]*=`, "u"));
    expect(JSON.parse(row?.list ?? "")).toHaveLength(1);
  }
});

test.each([..."=+-@＝＋－＠﹢﹣﹦﹫−⁺⁻⁼₊₋₌"])("every form of a sign is one: %s", (sign) => {
  const text = `a;${sign}1\n${sign}1\t${sign}1`;
  const [row] = table([run({ notes: `${sign}1`, task: text, list: [text] })]);
  expect(row).toMatchObject({ notes: `'${sign}1`, task: `a;'${sign}1\n'${sign}1\t'${sign}1` });
  expect(row?.list).not.toContain(`;${sign}`);
  expect(JSON.parse(row?.list ?? "")).toEqual([text]);
});

test.each([
  "a - b; c: d, -5 and = or @bob",
  "- one\n- two\n  + three\n-",
  "naïve – “quoted”; 漢字、😀",
  "5 > 3; (x = y)",
  "a\n\nb",
])("ordinary text stays as it is: %j", (text) => {
  const [row] = table([run({ notes: `x ${text}`, task: `x\n${text}` })]);
  expect(row).toMatchObject({ notes: `x ${text}`, task: `x\n${text}` });
});

test("quotes at a place where a table is taken apart hide no formula", () => {
  const [row] = table([run({ notes: 'a;"=1', list: ["a", "=1", "b,-1+x", -1] })], "reviewer", "point");
  expect(row).toMatchObject({ notes: "a;\"'=1", list: '["a","=1","b,-1+x",-1]' });
  const [other] = table([run({ list: ["a", "=1", "b,-1+x", -1] })], "reviewer", "comma");
  expect(other?.list).toBe('["a","\\u003d1","b,\\u002d1+x",-1]');
});

// If each of these began a search to the end of the text, one would take hours.
test.each(["\t", "\n", ";", " ", ";\t\n ", "\u200b", "\n\u200b", '"', ';"', "\u{e0020}", "=", ";=", "\\", '\\"'])(
  "a text of a megabyte is read once, whatever it is made of: %j",
  (piece) => {
    const text = piece.repeat(1_000_000 / piece.length);
    for (const form of ["point", "comma"] as const) {
      const { row } = csvTable([], form);
      expect(row("reviewer", run({ notes: `x${text}`, list: [text] })).length).toBeGreaterThan(1_999_000);
    }
  },
);

test("numbers are no text: a negative one stays a number", () => {
  expect(table([run({ change: -5, execution_time_s: -1 })])[0]).toMatchObject({ change: "-5", execution_time_s: "-1" });
});

test("where numbers have a decimal comma, cells are kept apart by semicolons", () => {
  const record = {
    quality_score: 0.5,
    execution_time_s: -1.25,
    big: 1.5e300,
    notes: "a; b, 1.5",
    list: [1.5, "x;y"],
    n: 3,
  };
  const [row] = table([run(record)], "reviewer", "comma");
  expect(row).toMatchObject({ quality_score: "0,5", execution_time_s: "-1,25", big: "1,5e+300", n: "3" });
  expect(row).toMatchObject({ notes: "a; b, 1.5", list: '[1.5,"x;y"]', success: "true" });
  expect(csvTable(["a"], "comma").header).toMatch(/^agent;timestamp;.*;a;other_fields\r\n$/);
});

test.each<[CsvForm, string]>([
  ["point", ";"],
  ["comma", ","],
])("text begins no formula where a spreadsheet takes the table apart at another separator: %s", (form, other) => {
  const formula = "=HYPERLINK(1)";
  const text = `x${other}${formula}\n${formula}\nx${other} @SUM(1)\n- an item\n-1+1\t+1`;
  const others = new OtherColumns();
  const one = run({ notes: text, list: [text, { [`k${other}=1`]: -5 }] });
  others.add(one.execution.record);
  const { header, row } = csvTable(others.chosen(), form);
  const [, ...cells] = (header + row("reviewer", one)).split(new RegExp(`[${other}\\t\\r\\n]+`));
  expect(cells.filter((cell) => /^[\s"]*[=@+]|^[\s"]*-(?! |\d\b)/.test(cell))).toEqual([]);
  const [read] = table([one], "reviewer", form);
  expect(read?.notes).toContain("\n- an item\n'-1+1");
  // What is JSON says the same.
  expect(JSON.parse(read?.list ?? "")).toEqual([text, { [`k${other}=1`]: -5 }]);
});

test("a value that is nested too deeply to be written hides no other", () => {
  let deep: JsonObject = {};
  for (let level = 0; level < 50_000; level += 1) deep = { deep };
  const execution = readRun({ success: true, notes: "kept", deep });
  if (execution === undefined) throw new Error("the record is a run");
  expect(table([{ execution, text: "", verifications: [] }])[0]).toMatchObject({
    notes: "kept",
    deep: '"(nested too deeply)"',
  });
});

test("any record makes rows that a reader of the format takes apart again, and that steer no terminal", () => {
  const text = fc.string({ unit: "binary", maxLength: 30 });
  fc.assert(
    fc.property(
      fc.dictionary(text, fc.oneof(text, fc.jsonValue({ maxDepth: 2 }), fc.double())),
      text,
      (record, agent) => {
        const one = run({ ...(JSON.parse(JSON.stringify(record)) as JsonObject), success: true });
        const others = new OtherColumns();
        others.add(one.execution.record);
        const { header, row } = csvTable(others.chosen(), "point");
        const line = row(agent, one);
        const [titles, cells] = readCsv(header + line);
        expect(cells).toHaveLength(titles?.length ?? 0);
        expect(header + line).not.toMatch(/[^\P{Cc}\t\r\n]|\u202e/u);
      },
    ),
    { numRuns: 50 },
  );
});
