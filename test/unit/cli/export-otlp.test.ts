import { expect, test } from "vitest";
import { readRun } from "../../../src/adr004/run-line.ts";
import { Patience, send } from "../../../src/cli/export/otlp/sender.ts";
import { otlpSettings } from "../../../src/cli/export/otlp/settings.ts";
import { spanOf } from "../../../src/cli/export/otlp/spans.ts";
import type { JsonObject } from "../../../src/domain/text/json.ts";
import type { Verification } from "../../../src/domain/verification/verification.ts";
import { KaizenError } from "../../../src/errors.ts";
import { RunNames } from "../../../src/kaizen/export.ts";
import { idOf } from "../../support/histories.ts";
import { otlpReceiver, plainAttributes } from "../../support/otlp-receiver.ts";

const timestamp = "2026-11-22T10:00:00.250Z";

function span(
  record: JsonObject,
  options: { verifications?: readonly Verification[]; includeText?: boolean; agent?: string; names?: RunNames } = {},
) {
  const { agent = "reviewer", verifications = [], includeText = false, names = new RunNames() } = options;
  const execution = readRun({ success: true, timestamp, ...record });
  if (execution === undefined) throw new Error("the record is a run");
  const run = { execution, text: "", verifications };
  const made = spanOf(agent, run, { includeText, runName: names.next(agent, run) });
  if (made === undefined) throw new Error("the run has a span");
  return { ...made, plain: plainAttributes(made.attributes) };
}

const verification: Verification = {
  agent: "reviewer",
  execution_id: idOf(1),
  success: false,
  verified_by: "ci",
  timestamp: "2026-11-22T11:00:00Z",
  evidence: "secret evidence",
  claimed: true,
  executed_at: timestamp,
};

test("a run is an invocation of its agent, that ended at its timestamp and began its duration before", () => {
  const made = span({
    id: idOf(1),
    execution_time_s: 1.5,
    model: "claude-opus-4",
    version: "3",
    input_tokens: 12,
    output_tokens: 3,
  });
  expect(made).toMatchObject({
    name: "invoke_agent reviewer",
    kind: 1,
    startTimeUnixNano: "1795341598750000000",
    endTimeUnixNano: "1795341600250000000",
    status: {},
    events: [],
  });
  expect(made.plain).toEqual({
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.agent.name": "reviewer",
    "gen_ai.request.model": "claude-opus-4",
    "gen_ai.agent.version": "3",
    "gen_ai.usage.input_tokens": "12",
    "gen_ai.usage.output_tokens": "3",
    "kaizen.success": true,
    "kaizen.run_id": idOf(1),
  });
});

test("a failure has the status of an error and its class; what has no class is _OTHER", () => {
  const failed = span({ success: false, error_type: "TimeoutError", error: "secret" });
  expect(failed.status).toEqual({ code: 2 });
  expect(failed.plain["error.type"]).toBe("TimeoutError");
  expect(span({ success: false }).plain["error.type"]).toBe("_OTHER");
  expect(span({ success: false, error_type: "it broke because of the customer" }).plain["error.type"]).toBe("_OTHER");
});

test("what verifications found counts, and stands as evaluations, as does what the agent thought", () => {
  const made = span({ id: idOf(1), quality_score: 1 }, { verifications: [verification] });
  expect(made.status).toEqual({ code: 2 });
  expect(made.plain).toMatchObject({
    "kaizen.success": true,
    "kaizen.verified": false,
    "error.type": "verification_failed",
  });
  expect(
    made.events.map(({ attributes, name, timeUnixNano }) => [name, timeUnixNano, plainAttributes(attributes)]),
  ).toEqual([
    [
      "gen_ai.evaluation.result",
      "1795341600250000000",
      { "gen_ai.evaluation.name": "self_quality", "gen_ai.evaluation.score.value": 1 },
    ],
    [
      "gen_ai.evaluation.result",
      "1795345200000000000",
      {
        "gen_ai.evaluation.name": "verified_by_ci",
        "gen_ai.evaluation.score.value": 0,
        "gen_ai.evaluation.score.label": "fail",
      },
    ],
  ]);
});

test("a verification whose time no span can hold stands at the end of the run", () => {
  for (const timestamp of ["9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "soon"]) {
    const { events } = span({ id: idOf(1) }, { verifications: [{ ...verification, timestamp }] });
    expect(events.map(({ timeUnixNano }) => timeUnixNano)).toEqual(["1795341600250000000"]);
  }
});

const texts = {
  success: false,
  task: "secret task",
  notes: "secret notes",
  error: "secret error",
  idempotency_key: "secret key",
  author: "secret author",
  nested: { deep: ["secret"] },
  model: "a secret model",
  "a secret name": 1,
};

test("no free text leaves the machine unless it is asked for", () => {
  const record = { ...texts, id: idOf(1), tests_passed: 12, draft: false };
  const silent = span(record, { verifications: [verification] });
  expect(JSON.stringify(silent)).not.toContain("secret");
  expect(silent.plain).toMatchObject({ "kaizen.tests_passed": 12, "kaizen.draft": false });
  const told = span(record, { verifications: [verification], includeText: true });
  expect(told.status).toEqual({ code: 2, message: "secret error" });
  expect(told.plain).toMatchObject({
    "kaizen.task": "secret task",
    "kaizen.notes": "secret notes",
    "kaizen.author": "secret author",
    "kaizen.nested": '{"deep":["secret"]}',
    "gen_ai.request.model": "a secret model",
    "kaizen.a secret name": 1,
  });
  expect(JSON.stringify(told.events)).toContain("secret evidence");
});

test("a key of the agent's own never stands in the place of one of ours", () => {
  const made = span({ id: idOf(1), run_id: 1, verified: true, success: true }, { verifications: [verification] });
  const keys = made.attributes.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(made.plain["kaizen.verified"]).toBe(false);
});

test("the half of a character alone, which receivers refuse, is replaced wherever text stands", () => {
  const half = "\ud83d";
  const made = span(
    { success: false, error: half, [`k${half}`]: half, list: [half], model: `m${half}`, whole: "\u{1f600}" },
    { agent: `a${half}`, includeText: true, verifications: [{ ...verification, verified_by: "ci", evidence: half }] },
  );
  const sent = JSON.stringify(made);
  expect(sent).not.toMatch(/(?<!\\)\\ud[89a-f]/);
  expect(made).toMatchObject({ name: "invoke_agent a\ufffd", status: { message: "\ufffd" } });
  expect(made.plain).toMatchObject({
    "kaizen.k\ufffd": "\ufffd",
    "kaizen.list": '["\\ud83d"]',
    "gen_ai.request.model": "m\ufffd",
    "kaizen.whole": "\u{1f600}",
  });
  expect(JSON.stringify(span({ success: false, error_type: half }, { includeText: true }))).not.toContain("\\ud83d");
});

test("the ids follow from the run: the same each time and everywhere, and no two runs share them", () => {
  const ids = ({ spanId, traceId }: { spanId: string; traceId: string }) => `${traceId} ${spanId}`;
  const all = () => {
    const names = new RunNames();
    const runs: JsonObject[] = [
      { id: idOf(1) },
      // The same id twice, as a merge leaves it, with other content and with the same.
      { id: idOf(1), notes: "again" },
      { id: idOf(1) },
      { idempotency_key: "k" },
      // No identity at all, and nothing that differs.
      { n: 1 },
      { n: 1 },
      { n: 2 },
      { n: [1] },
      { n: { 1: null } },
    ];
    return ["reviewer", "writer"].flatMap((agent) => runs.map((run) => ids(span(run, { agent, names }))));
  };
  expect(all()[0]).toMatch(/^[0-9a-f]{32} [0-9a-f]{16}$/);
  expect(new Set(all()).size).toBe(18);
  expect(all()).toEqual(all());
  expect(ids(span({ a: 1, b: 2 }))).toBe(ids(span({ b: 2, a: 1 })));
  expect(ids(span({ a: 1 }, { verifications: [verification] }))).toBe(ids(span({ a: 1, agent: "reviewer" })));
});

test("a run without a time has no span, and a duration that can be none is none", () => {
  const undated = readRun({ success: true });
  if (undated === undefined) throw new Error("the record is a run");
  expect(
    spanOf("reviewer", { execution: undated, text: "", verifications: [] }, { includeText: false, runName: "" }),
  ).toBeUndefined();
  for (const execution_time_s of [-1, 1e100]) {
    const made = span({ execution_time_s });
    expect(made.startTimeUnixNano).toBe(made.endTimeUnixNano);
  }
});

test("the address comes from the variables of OpenTelemetry; the one for traces is taken as it is", () => {
  const url = (environment: Record<string, string>) => otlpSettings(environment).url.href;
  expect(url({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318" })).toBe("http://localhost:4318/v1/traces");
  expect(url({ OTEL_EXPORTER_OTLP_ENDPOINT: "https://a.example/otlp//" })).toBe("https://a.example/otlp/v1/traces");
  expect(url({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://a.example/own", OTEL_EXPORTER_OTLP_ENDPOINT: "x" })).toBe(
    "https://a.example/own",
  );
});

test.each([
  ["http://collector:4318", "authorization=hunter2", "authorization"],
  ["http://10.0.0.1:4318", "X-Api-Key=hunter2,tenant=acme,cookie=hunter2", "x-api-key, cookie"],
  ["http://localhost.example", "signoz-ingestion-key=hunter2", "signoz-ingestion-key"],
  ["http://128.0.0.1", "authorization=hunter2", "authorization"],
  ["http://127.0.0.1.example", "authorization=hunter2", "authorization"],
])("a secret that would be sent to %s in the open is warned of, without telling it: %s", (endpoint, headers, names) => {
  const { warning } = otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers });
  expect(warning).toBe(
    `What is sent to ${new URL(endpoint).origin} is not encrypted, and others on the way can read ${names}: use https.`,
  );
});

test.each<readonly [string, string]>([
  ["https://collector:4318", "authorization=hunter2"],
  ["http://collector:4318", "tenant=acme"],
  ["http://collector:4318", ""],
  ...[
    "localhost",
    "LOCALHOST.",
    "otel.localhost",
    "127.0.0.1",
    "127.1",
    "127.8.8.8",
    "[::1]",
    "[::ffff:127.0.0.1]",
  ].map((host) => [`http://${host}:4318`, "authorization=hunter2"] as const),
])("nothing is warned of no one else can read: %s %s", (endpoint, headers) => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers };
  expect(otlpSettings(environment).warning).toBeUndefined();
});

test.each([
  ["content-length", "Content-Length=0"],
  ["transfer-encoding", "a=1,transfer-encoding=chunked"],
  ["connection", "Connection=hunter2"],
  ["host", "%68ost=hunter2"],
  ["expect", "expect=100-continue"],
  ["keep-alive", "keep-alive=hunter2"],
  ["te", "TE=trailers"],
  ["upgrade", "upgrade=h2c"],
  ["proxy-authorization", "proxy-authorization=hunter2"],
])("what belongs to the connection is no header to be set: %s", (name, headers) => {
  for (const variable of ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"]) {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318", [variable]: headers };
    expect(() => otlpSettings(environment)).toThrow(`sets ${name}, which belongs to the connection.`);
    expect(() => otlpSettings(environment)).not.toThrow("hunter2");
  }
});

test("an export pauses for so long in all, however its requests share it", async () => {
  const receiver = await otlpReceiver([
    { status: 503, headers: { "retry-after": "0" } },
    { status: 429, headers: { "retry-after": "30" } },
  ]);
  const settings = otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const patience = new Patience(60_000);
  expect([patience.take(30_000), patience.take(5_000)]).toEqual([true, true]);
  const said: string[] = [];
  const log = { info: (line: string) => void said.push(line), warning: () => {}, error: () => {} };
  const progress = { step: () => {}, bytes: () => {}, clear: () => {} };
  const sent = send("{}", settings, patience, { log, progress, now: () => 0, random: () => 0 });
  await expect(sent).rejects.toMatchObject({
    code: "IO_ERROR",
    message:
      `${receiver.url}/v1/traces answered 429 (after 2 attempts). ` +
      "To try again in 30.0 s is too long: an export pauses for 60 s in all at most.",
  });
  expect(said).toEqual([`${receiver.url}/v1/traces answered 503; trying again at once (2 of 5).`]);
  expect([patience.take(25_001), patience.take(25_000), patience.take(1)]).toEqual([false, true, false]);
});

test("headers are pairs, percent-encoded, and those for traces count", () => {
  const { headers } = otlpSettings({
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318",
    OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer%20x%3D%3D, a=1,,b=2=3",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: "A=2",
  });
  expect(headers).toEqual({ authorization: "Bearer x==", a: "2", b: "2=3" });
});

test.each<[string, Record<string, string>]>([
  ["nothing", {}],
  ["no address", { OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" }],
  ["a password", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://user:hunter2@localhost:4318" }],
  ["gRPC", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }],
  ["a header that is none", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost", OTEL_EXPORTER_OTLP_HEADERS: "hunter2" }],
  [
    "a header with a line break",
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost", OTEL_EXPORTER_OTLP_HEADERS: "a=hunter2%0D%0Ab" },
  ],
  ["no time", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost", OTEL_EXPORTER_OTLP_TIMEOUT: "soon" }],
])("a setting that cannot be meant is refused without telling what may be secret: %s", (_, environment) => {
  let refusal: unknown;
  try {
    otlpSettings(environment);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(KaizenError);
  const { code, hint = "", message } = refusal as KaizenError;
  expect(code).toBe("INVALID_ARGUMENT");
  expect(hint).not.toBe("");
  expect(message + hint).not.toContain("hunter2");
});
