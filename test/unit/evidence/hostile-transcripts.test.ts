import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { factsSchema } from "../../../src/domain/evidence/evidence.ts";
import { readMainAfter } from "../../../src/evidence/transcript/main-after.ts";
import { readTranscript, readWholeTranscript } from "../../../src/evidence/transcript/transcript.ts";
import { TranscriptLines } from "../../../src/evidence/transcript/transcript-lines.ts";
import { temporaryFolder } from "../../support/places.ts";
import { ClaudeLines, KEY, writtenAs } from "./claude-lines.ts";

const sample = fileURLToPath(new URL("../../fixtures/evidence/claude-sample.jsonl", import.meta.url));
const NAME = `agent-${KEY}.jsonl`;
/** Where a transcript of the run would be. */
const named = () => join(temporaryFolder(), NAME);
const lines = readFileSync(sample, "utf8").trimEnd().split("\n");

describe("a path", () => {
  test("that leads to no plain file of ours tells nothing, and keeps nobody waiting", async () => {
    const [link, fifo, folder, gone] = [named(), named(), named(), named()];
    symlinkSync(sample, link);
    execFileSync("mkfifo", [fifo]);
    mkdirSync(folder);
    for (const path of [link, fifo, folder, gone, "/dev/zero", `${sample}\0`]) {
      expect(readTranscript(path, { key: KEY }), path).toBeUndefined();
      expect(await readWholeTranscript(path, { key: KEY }), path).toBeUndefined();
      expect(readMainAfter(path, 0), path).toBeUndefined();
    }
  });

  test.runIf(process.geteuid?.() === 0)("that leads to a file of another user tells nothing", () => {
    const path = writtenAs(NAME, lines.join("\n"));
    expect(readTranscript(path, { key: KEY })).toBeDefined();
    execFileSync("chown", ["65534", path]);
    expect(readTranscript(path, { key: KEY })).toBeUndefined();
  });

  test("of an agent's type is looked at like the transcript's own", () => {
    const path = writtenAs(NAME, lines.join("\n"));
    const meta = path.replace(".jsonl", ".meta.json");
    writeFileSync(meta, '{"agentType":"reviewer"}');
    expect(readTranscript(path, { key: KEY })?.agentType()).toBe("reviewer");
    rmSync(meta);
    symlinkSync(writtenAs("other.json", '{"agentType":"reviewer"}'), meta);
    expect(readTranscript(path, { key: KEY })?.agentType()).toBeUndefined();
  });
});

describe("a long transcript", () => {
  const filler = (bytes: number) =>
    `${JSON.stringify({ type: "progress", content: "x".repeat(1000) })}\n`.repeat(bytes / 1000);

  test("is read at its ends at once, and whole by pieces", async () => {
    const path = writtenAs(NAME, `${lines.slice(0, 8).join("\n")}\n${filler(5e6)}${lines.slice(8).join("\n")}\n`);
    const ends = readTranscript(path, { key: KEY });
    expect(ends).toMatchObject({ isWhole: false, worked: 15_000 });
    expect(ends?.facts).toEqual({ client: "claude-code", model: "claude-sonnet-4-5-20250929", duration_s: 15 });
    const whole = await readWholeTranscript(path, { key: KEY });
    expect(whole?.facts).toEqual(readTranscript(sample, { key: KEY })?.facts);
    expect(readTranscript(path, { key: KEY, limitBytes: 1e7 })?.facts).toEqual(whole?.facts);
  });

  test("of which the middle may have a pause says no time", async () => {
    const late = lines.slice(8).join("\n").replaceAll("T10:00", "T20:00");
    const path = writtenAs(NAME, `${lines.slice(0, 8).join("\n")}\n${filler(5e6)}${late}\n`);
    expect(readTranscript(path, { key: KEY })?.worked).toBe("unread");
    // Read whole, it has none: the model was at its answer all the while.
    expect((await readWholeTranscript(path, { key: KEY }))?.worked).toBe(36_015_000);
  });

  test("with a line of 100 MB is read without that line, which is not held", async () => {
    const path = writtenAs(NAME, `${lines.join("\n")}\n`);
    // A hole takes no room.
    truncateSync(path, 100_000_000);
    appendFileSync(path, `\n${lines[1]?.replaceAll("msg_01A", "msg_02")}\n`);
    const before = process.memoryUsage().arrayBuffers;
    const reading = await readWholeTranscript(path, { key: KEY });
    expect(reading?.facts).toMatchObject({ seen: "green", tokens: { input: 28, output: 338 } });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6);
  });

  test("stops being read once the signal has come", async () => {
    const signal = AbortSignal.abort();
    expect(await readWholeTranscript(sample, { key: KEY, signal })).toBeUndefined();
  });

  test("may be cut into pieces anywhere", async () => {
    const long = (length: number) => ({ content: [{ type: "text", text: "é".repeat(length) }] });
    const written = new ClaudeLines().answer("m1", 5, {}, long(400_000)).answer("m2", 6, {}, long(700_001));
    const path = writtenAs(NAME, written.answer("m3", 7, {}, long(2_000_000)).answer("m4", 8).text);
    expect((await readWholeTranscript(path, { key: KEY }))?.facts.tokens?.output).toBe(26);
  });
});

test("a version that we do not know tells what is still as it was", () => {
  const future = lines.map((line) =>
    JSON.stringify({ ...JSON.parse(line), version: "9.0.0", newField: { deep: [1] } }),
  );
  const more = [
    '{"type":"new_kind","payload":7}',
    "[]",
    "null",
    "7",
    '"text"',
    "{",
    "\u0000",
    '{"type":null,"message":[]}',
  ];
  const path = writtenAs(NAME, [...more, ...future, ...more].join("\r\n"));
  expect(readTranscript(path, { key: KEY })?.facts).toEqual(readTranscript(sample, { key: KEY })?.facts);
});

test("nesting without end is no line", () => {
  const path = writtenAs(NAME, `${'{"message":'.repeat(300_000)}\n${lines.join("\n")}\n${"[".repeat(300_000)}`);
  expect(readTranscript(path, { key: KEY })?.facts.tools).toBe(6);
});

const codexLines = [
  {
    type: "session_meta",
    payload: { id: KEY, cwd: "/repo", source: { subagent: { thread_spawn: { agent_role: "a" } } } },
  },
  { type: "turn_context", payload: { model: "gpt-5", cwd: "/repo" } },
  {
    type: "response_item",
    payload: { type: "function_call", name: "shell", arguments: '{"command":["npm","test"]}', call_id: "1" },
  },
  {
    type: "response_item",
    payload: { type: "function_call_output", call_id: "1", output: { content: "x", success: true } },
  },
  { type: "response_item", payload: { type: "local_shell_call", call_id: "2", action: { command: ["a"] } } },
  { type: "event_msg", payload: { type: "exec_command_end", call_id: "2", exit_code: 1, aggregated_output: "y" } },
  {
    type: "event_msg",
    payload: { type: "token_count", info: { last_token_usage: { input_tokens: 5, output_tokens: 1 } } },
  },
].map((line, at) => JSON.stringify({ timestamp: `2026-11-28T10:00:0${at}Z`, ...line }));

/** A value with one of its parts, chosen by `at`, exchanged for another. */
function exchanged(value: unknown, at: { left: number }, other: unknown): unknown {
  if (at.left-- === 0) return other;
  if (Array.isArray(value)) return value.map((each) => exchanged(each, at, other));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, exchanged(each, at, other)]));
}

test("whatever stands in the place of anything, facts are left out and no error comes", () => {
  const odd = fc.oneof(
    fc.constantFrom(
      null,
      true,
      -1,
      1e308,
      "",
      [],
      {},
      "toString",
      ["text"],
      [{ type: "tool_use" }],
      [null],
      "9".repeat(400),
    ),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const change = fc.tuple(fc.nat(), fc.nat({ max: 40 }), odd);
  fc.assert(
    fc.property(
      fc.constantFrom(lines, codexLines),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      (original, changes) => {
        const changed = [...original];
        for (const [line, part, other] of changes) {
          const index = line % changed.length;
          changed[index] = JSON.stringify(exchanged(JSON.parse(changed[index] ?? ""), { left: part }, other)) ?? "";
        }
        const transcript = new TranscriptLines({ key: KEY, isNamed: true, elsewhere: new Set(), steps: undefined });
        for (const line of changed) transcript.add(line);
        const { record } = transcript.reader;
        const facts = { ...record.facts(), ...transcript.reader.bill().facts() };
        expect(factsSchema.parse(facts)).toEqual(facts);
      },
    ),
    { seed: 4, numRuns: 3000 },
  );
});

describe("the folders of a run", () => {
  const within = (root: string, ...folders: (string | undefined)[]) => {
    const written = new ClaudeLines();
    for (const cwd of folders) written.add({ type: "user", cwd });
    return written.read().isWithin(root);
  };

  test("are all this one or below, by their real paths", () => {
    const root = temporaryFolder();
    const [project, other] = [join(root, "a"), join(root, "a-b")];
    for (const folder of [join(project, "c"), other]) mkdirSync(folder, { recursive: true });
    expect(within(project, project, join(project, "c"), undefined)).toBe(true);
    expect(within(project, project, join(project, "gone", "too"))).toBe(true);
    expect(within(project, project, other)).toBe(false);
    expect(within(project, project, root)).toBe(false);
    expect(within(project, project, join(project, "..", "a-b"))).toBe(false);
    expect(within(project, "a", "")).toBe(false);
    expect(within(project, `${project}\0`)).toBe(false);
    expect(within(project, undefined)).toBe(false);
    expect(within(join(root, "gone"), project)).toBe(false);
    symlinkSync(other, join(project, "link"));
    symlinkSync(project, join(root, "way"));
    expect(within(project, join(project, "link"))).toBe(false);
    expect(within(project, join(root, "way", "c"))).toBe(true);
    expect(within(join(root, "way"), project)).toBe(true);
    const many = Array.from({ length: 500 }, (_, at) => join(project, String(at)));
    expect(within(project, ...many)).toBe(false);
  });
});
