import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/domain/text/json.ts";
import { cleanEnvironment } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { writeForeignLines, writeForeignText } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { otlpReceiver, plainAttributes } from "../support/otlp-receiver.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";

const HOUR_MS = 3_600_000;

/** So many runs, the last of them an hour ago, an hour apart. */
function history(count: number, extra: (ordinal: number) => JsonObject = () => ({})): JsonObject[] {
  return Array.from({ length: count }, (_, index) => ({
    id: idOf(index + 1),
    success: true,
    timestamp: new Date(Date.now() - (count - index) * HOUR_MS).toISOString(),
    ...extra(index + 1),
  }));
}

test("runs come out as they were recorded, agent by agent, oldest first, each with its agent", async () => {
  const root = temporaryFolder();
  writeForeignLines(root, "writer", history(2));
  writeForeignText(root, "reviewer", '{"success": true, "n": 9007199254740993, "f": 1.0, "s": "é\u009b"}\n');
  writeForeignText(root, "reviewer", '{"success": tr\n');
  writeForeignText(
    root,
    "reviewer",
    '{"success": false,  "n": 1.0, "of": {"agent": "x"}, "agent" : "oth,\\"er}" , "e": 1e3}\n',
  );
  const { status, stdout, stderr } = await runCommandHere(["export"], { root });
  const [first, second, ...rest] = stdout.trimEnd().split("\n");
  expect(first).toBe('{"agent": "reviewer", "success": true, "n": 9007199254740993, "f": 1.0, "s": "\\u00e9\\u009b"}');
  // It stands in this agent's log: its name is all that is written anew.
  expect(second).toBe('{"success": false,  "n": 1.0, "of": {"agent": "x"}, "agent" : "reviewer" , "e": 1e3}');
  expect(rest.map((line) => JSON.parse(line)).map(({ agent, id }) => [agent, id])).toEqual([
    ["writer", idOf(1)],
    ["writer", idOf(2)],
  ]);
  expect(status).toBe(0);
  expect(stderr).toMatch(
    /set aside: the line at byte 64 .*\n.*: 4 runs of 2 agents\.\n1 run named another agent than the one in whose log they stand; that one is written\.\n$/,
  );
  const since = new Date(Date.now() - 1.5 * HOUR_MS).toISOString();
  const some = await runCommandHere(["export", "writer", "--since", since], { root });
  expect(some.stdout).toBe(
    `${JSON.stringify({ agent: "writer" }).slice(0, -1).replace(":", ": ")}, ${rest[1]?.slice(rest[1].indexOf('"id"'))}\n`,
  );
});

test("an export of lines says what they have no place for, and nothing where that is nothing", async () => {
  const root = temporaryFolder();
  writeForeignLines(root, "reviewer", history(1));
  writeForeignLines(root, "writer", history(1));
  await runCommandHere(["verify", "reviewer", idOf(1), "--failure", "--by", "human"], { root });
  const optimizer = join(root, ".kaizen", "metrics", "optimizer");
  mkdirSync(optimizer);
  const entry = { timestamp: "2026-11-22T10:00:00Z", agent: "reviewer", metrics_count: 1, recommendations: [] };
  writeFileSync(join(optimizer, "recommendations.jsonl"), `${JSON.stringify(entry)}\n`);
  const leftOut =
    "Left out: what verifications found of the runs, and recommendations. " +
    "They come along where the project's folder is imported, not a file of runs.";
  const printed = await runCommandHere(["export"], { root });
  expect(printed.stderr).toBe(`kaizen-metrics: 2 runs of 2 agents.\n${leftOut}\n`);
  const written = await runCommandHere(["export", "--output", join(root, "a.jsonl"), "--json"], { root });
  expect(JSON.parse(written.stdout)).toMatchObject({ runs: 2, left_out: [leftOut] });
  const writer = await runCommandHere(["export", "writer", "--output", join(root, "b.jsonl")], { root });
  expect(writer.stdout).toBe(`1 run of 1 agent to ${join(root, "b.jsonl")}.\n`);
});

test("a reader that has seen enough ends the export, without a word", async () => {
  const root = temporaryFolder();
  writeForeignLines(
    root,
    "reviewer",
    history(2_000, () => ({ notes: "n".repeat(300) })),
  );
  const child = spawn(process.execPath, [bundle, "export", "--root", root], { env: cleanEnvironment() });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const status = await new Promise((resolve) => child.on("close", resolve));
  expect([status, stderr]).toEqual([0, ""]);
});

test("a table for spreadsheets is in its file whole or not at all", async () => {
  const root = temporaryFolder();
  writeForeignLines(
    root,
    "reviewer",
    history(3, (n) => ({ notes: `=${n}`, tests_passed: n })),
  );
  const file = join(root, "runs.csv");
  const { status, stdout } = await runCommandHere(["export", "--format", "csv", "--output", file, "--json"], { root });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ format: "csv", agents: ["reviewer"], runs: 3, destination: file });
  const bytes = readFileSync(file);
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const lines = bytes.toString("utf8").slice(1).split("\r\n");
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatch(/^agent,timestamp,.*,idempotency_key,tests_passed,other_fields$/);
  expect(lines[2]).toContain(",'=2,");
  const refused = await runCommandHere(["export", "--output", join(root, "no", "folder", "runs.jsonl")], { root });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("could not be written (ENOENT)");
  const own = await runCommandHere(
    ["export", "--output", join(root, ".kaizen", "metrics", "reviewer", "executions.jsonl")],
    { root },
  );
  expect(own.status).toBe(2);
  expect(readdirSync(root).sort()).toEqual([".kaizen", "runs.csv"]);
});

test("spans go to the receiver in requests of a bounded size, with the headers that were set, the same ones each time", async () => {
  const root = temporaryFolder();
  writeForeignLines(
    root,
    "reviewer",
    history(700, (n) => ({ execution_time_s: 2, success: n % 7 !== 0, notes: "secret" })),
  );
  writeForeignLines(root, "undated", [{ success: true }]);
  const receiver = await otlpReceiver();
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/`,
    // Ours is the form of what is sent, however the header is spelt.
    OTEL_EXPORTER_OTLP_HEADERS: "X-Key=hunter2,Content-Type=application/x-protobuf",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
    OTEL_SERVICE_NAME: "my-project",
  };
  const first = await runCommandHere(["export", "--format", "otlp", "--json"], { root, env });
  expect(first.status).toBe(0);
  expect(JSON.parse(first.stdout)).toEqual({
    format: "otlp",
    agents: ["reviewer", "undated"],
    runs: 701,
    destination: `${receiver.url}/v1/traces`,
    spans: 700,
    without_time: 1,
    requests: 2,
    rejected: 0,
    messages: [],
  });
  expect(first.stdout + first.stderr).not.toContain("hunter2");
  expect(receiver.requests).toHaveLength(2);
  for (const { body, headers, method, url } of receiver.requests) {
    expect([method, url]).toEqual(["POST", "/v1/traces"]);
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "content-encoding": "gzip",
      "x-key": "hunter2",
    });
    const [{ resource, scopeSpans } = { resource: undefined, scopeSpans: [] }] = body.resourceSpans;
    expect(plainAttributes(resource?.attributes ?? [])).toMatchObject({ "service.name": "my-project" });
    expect(scopeSpans[0]?.scope.name).toBe("kaizen-metrics");
    expect(JSON.stringify(body)).not.toContain("secret");
  }
  const sent = receiver.spans();
  expect(sent).toHaveLength(700);
  expect(new Set(sent.map(({ traceId, spanId }) => traceId + spanId)).size).toBe(700);
  expect(sent.filter(({ status }) => status.code === 2)).toHaveLength(100);
  for (const { endTimeUnixNano, startTimeUnixNano } of sent) {
    expect(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)).toBe(2_000_000_000n);
  }
  const file = join(root, "spans.jsonl");
  await runCommandHere(["export", "reviewer", "--format", "otlp", "--output", file], { root, env });
  const written = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(written).toEqual(receiver.requests.map(({ body }) => body));
});

test("what may be over soon is tried again, as the receiver asks; what it rejects is told", async () => {
  const root = temporaryFolder();
  writeForeignLines(root, "reviewer", history(3));
  const again = { "retry-after": "0" };
  const receiver = await otlpReceiver([
    { status: 503, headers: again },
    { status: 429, headers: again },
    { hangUp: true },
    { body: { partialSuccess: { rejectedSpans: "2", errorMessage: "too old\u001b[31m" } } },
  ]);
  const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/own/path` };
  const { status, stdout, stderr } = await runCommandHere(["export", "--format", "otlp"], { root, env });
  expect(receiver.requests.map(({ url }) => url)).toEqual(Array(4).fill("/own/path"));
  expect(new Set(receiver.requests.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect(status).toBe(1);
  const place = `kaizen-metrics: ${receiver.url}/own/path`;
  expect(stderr.replace(/\(\w+\); trying again in (?:0\.[5-9]|1\.[0-5]) s/, "; trying again in a moment")).toBe(
    `${place} answered 503; trying again at once (2 of 5).\n` +
      `${place} answered 429; trying again at once (3 of 5).\n` +
      `${place} could not be reached ; trying again in a moment (4 of 5).\n`,
  );
  expect(stdout).toBe(
    `3 runs of 1 agent to ${receiver.url}/own/path.\nThe receiver rejected 2 spans.\nIt says: too old [31m\n`,
  );
});

test("an address that the receiver sends elsewhere to is not followed: what is in the headers is for the one that was set", async () => {
  const root = temporaryFolder();
  writeForeignLines(root, "reviewer", history(1));
  const elsewhere = await otlpReceiver();
  const receiver = await otlpReceiver([{ status: 307, headers: { location: `${elsewhere.url}/v1/traces` } }]);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_HEADERS: "x-key=hunter2" };
  const { status, stderr } = await runCommandHere(["export", "--format", "otlp"], { root, env });
  expect([status, receiver.requests.length, elsewhere.requests.length]).toEqual([1, 1, 0]);
  expect(stderr).toContain(`${receiver.url}/v1/traces answered 307.`);
});

test("a secret that leaves this machine unencrypted is warned of once, on stderr", async () => {
  const root = temporaryFolder();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.invalid", OTEL_EXPORTER_OTLP_HEADERS: "x-key=hunter2" };
  mkdirSync(join(root, ".kaizen"));
  const { status, stderr } = await runCommandHere(["export", "--format", "otlp"], { root, env });
  expect(status).toBe(0);
  expect(stderr).toBe(
    "kaizen-metrics: What is sent to http://collector.invalid is not encrypted, and others on the way can read x-key: use https.\n",
  );
});

test("what will not be over soon is an error, with what had been taken before", async () => {
  const root = temporaryFolder();
  writeForeignLines(root, "reviewer", history(600));
  const receiver = await otlpReceiver([{}, { status: 400, body: { message: "no such tenant" } }]);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const refused = await runCommandHere(["export", "--format", "otlp", "--json"], { root, env });
  expect(refused).toMatchObject({ status: 1, stdout: "" });
  expect(receiver.requests).toHaveLength(2);
  const { error } = JSON.parse(refused.stderr);
  expect(error.message).toBe(`${receiver.url}/v1/traces answered 400: no such tenant. It had taken 512 spans before.`);
  const patient = await otlpReceiver([{ status: 503, headers: { "retry-after": "3600" } }]);
  const later = await runCommandHere(["export", "--format", "otlp"], {
    root,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: patient.url },
  });
  expect([later.status, patient.requests.length]).toEqual([1, 1]);
  expect(later.stderr).toContain("To try again in 3600.0 s is too long: an export pauses for 30 s at most.");
  const nowhere = await runCommandHere(["export", "--format", "otlp"], {
    root,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: "" },
  });
  expect(nowhere).toMatchObject({ status: 2, stdout: "" });
  expect(nowhere.stderr).toContain("Set OTEL_EXPORTER_OTLP_ENDPOINT");
  expect(existsSync(join(root, ".kaizen", "metrics", ".locks"))).toBe(false);
});

test("a table for spreadsheets that write a decimal comma has semicolons between its cells", async () => {
  const root = temporaryFolder();
  writeForeignLines(
    root,
    "reviewer",
    history(1, () => ({ quality_score: 0.5 })),
  );
  const { stdout } = await runCommandHere(["export", "--format", "csv", "--decimal-comma"], { root });
  expect(stdout).toMatch(/^\ufeffagent;timestamp;.*\r\nreviewer;[^;]+;true;;;0,5;/);
  expect(await runCommandHere(["export", "--decimal-comma"], { root })).toMatchObject({ status: 2, stdout: "" });
});

test("an agent of which nothing is known has nothing to export or to verify", async () => {
  const root = temporaryFolder();
  writeForeignLines(root, "reviewer", history(1));
  const output = join(root, "runs.jsonl");
  for (const line of [
    ["export", "reviewr", "--output", output],
    ["verify", "reviewr", idOf(1), "--success", "--by=ci"],
  ]) {
    expect(await runCommandHere(line, { root })).toEqual({
      status: 1,
      stdout: "",
      stderr: 'kaizen-metrics: Nothing has been recorded for "reviewr". Did you mean "reviewer"?\n',
    });
  }
  expect(existsSync(output)).toBe(false);
});
