import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { sourceOf } from "../../src/dashboard/source.ts";
import { parseAgentName } from "../../src/domain/run/agent-name.ts";
import { KaizenError } from "../../src/errors.ts";
import { projectKaizen, Served } from "./served.ts";

test("the page without data runs only what this one answer has named, and makes no text into code", async () => {
  const served = await Served.start();
  const [first, second] = [await served.ask("/"), await served.ask("/")];
  const policy = String(first.headers["content-security-policy"]);
  const [, nonce = ""] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
  expect(policy).toBe(
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; ` +
      "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  );
  expect(nonce).toHaveLength(24);
  expect(second.body).not.toContain(nonce);
  expect(first.body.match(/nonce="[^"]+"/g)).toEqual([`nonce="${nonce}"`, `nonce="${nonce}"`]);
  expect(first.body).not.toContain("shop");
});

test("every answer is for this page alone, and is kept nowhere", async () => {
  const served = await Served.start();
  const headers = await served.bearer();
  for (const path of ["/", "/page.js", "/page.css", "/session?code=x", "/data/overview", "/data/nothing", "//x/data"]) {
    const answer = await served.ask(path, { headers });
    expect([path, answer.headers]).toMatchObject([
      path,
      {
        "cache-control": "no-store",
        "content-security-policy": expect.stringContaining("default-src 'none'"),
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      },
    ]);
  }
});

describe("data", () => {
  test("of agents and their runs come as the use cases have them, also to a question about the head", async () => {
    const kaizen = projectKaizen();
    const { id } = await kaizen.record({ agent: "packer", success: false, error: "<script>alert(1)</script>" });
    const served = await Served.start({ source: sourceOf(kaizen, "shop") });
    const headers = await served.bearer();
    const read = async (path: string) => JSON.parse((await served.ask(path, { headers })).body);
    expect(await read("/data/overview")).toMatchObject({
      kind: "overview",
      agent_count: 1,
      agents: [{ name: "packer" }],
    });
    expect(await read("/data/agent?name=packer")).toMatchObject({ kind: "agent", agent: { name: "packer", runs: 1 } });
    expect(await read("/data/runs?agent=packer&outcome=failure&text=alert")).toMatchObject({ runs: [{ id }] });
    expect(await read("/data/runs?agent=packer&outcome=success&cursor=")).toMatchObject({ runs: [] });
    expect(await read(`/data/run?agent=packer&id=${id}`)).toMatchObject({ kind: "run", id });
    const head = await served.ask("/data/agent?name=packer", { method: "HEAD", headers });
    expect([head.status, head.body, head.headers["content-type"]]).toEqual([
      200,
      "",
      "application/json; charset=utf-8",
    ]);
  });

  test("of an agent that was shown and has another name since tell the name, and of one that was removed that it has gone", async () => {
    const kaizen = projectKaizen();
    for (const agent of ["packer", "sorter", "shipper"]) await kaizen.record({ agent, success: true });
    const served = await Served.start({ source: sourceOf(kaizen, "shop") });
    const headers = await served.bearer();
    const answer = async (agent: string) => {
      const { body, status } = await served.ask(`/data/agent?name=${agent}`, { headers });
      return [status, JSON.parse(body).error?.message];
    };
    for (const agent of ["packer", "sorter"]) expect(await answer(agent)).toEqual([200, undefined]);
    await kaizen.moves.rename(parseAgentName("packer"), "wrapper");
    await kaizen.moves.remove(parseAgentName("sorter"));
    expect(await answer("packer")).toEqual([404, 'The runs of "packer" are on record for "wrapper" now.']);
    expect(await answer("sorter")).toEqual([404, '"sorter" is not on record any more.']);
    // This one was never shown.
    await kaizen.moves.rename(parseAgentName("shipper"), "mailer");
    expect(await answer("shipper")).toEqual([404, 'Nothing has been recorded for "shipper".']);
    expect(await answer("wrapper")).toEqual([200, undefined]);
  });

  test.each([
    ["/data/agent?name=pakker", 404, "NOT_FOUND", 'Nothing has been recorded for "pakker".'],
    ["/data/agent?name=../x", 400, "INVALID_AGENT", "../x"],
    ["/data/agent", 400, "INVALID_ARGUMENT", "name is missing."],
    ["/data/run?agent=packer&id=run_1", 404, "NOT_FOUND", 'packer has no run "run_1".'],
    ["/data/runs?agent=packer&outcome=good", 400, "INVALID_ARGUMENT", "outcome is one of failure, success"],
    ["/data/runs?agent=packer&cursor=%", 400, "INVALID_ARGUMENT", "cursor"],
    [`/data/runs?agent=packer&text=${"x".repeat(301)}`, 400, "INVALID_ARGUMENT", "text has more than 300 characters."],
    ["/data/elsewhere", 404, "NOT_FOUND", "The dashboard has nothing there."],
    ["/../data/overview", 404, "NOT_FOUND", "The dashboard has nothing there."],
  ])("at %s are refused with %i and a sentence", async (path, status, code, sentence) => {
    const kaizen = projectKaizen();
    await kaizen.record({ agent: "packer", success: true });
    const served = await Served.start({ source: sourceOf(kaizen, "shop") });
    const answer = await served.ask(path, { headers: await served.bearer() });
    const { error } = JSON.parse(answer.body);
    expect([answer.status, error.code]).toEqual([status, code]);
    expect(error.message).toContain(sentence);
  });

  test("of an agent that has gone meanwhile are missed with a sentence, and a fault of ours is told on stderr", async () => {
    let failure: Error = new KaizenError("NOT_FOUND", "It has gone.", { hint: "Look at the others." });
    const served = await Served.start({ changed: { agent: () => Promise.reject(failure) } });
    const headers = await served.bearer();
    const gone = await served.ask("/data/agent?name=packer", { headers });
    expect([gone.status, JSON.parse(gone.body)]).toEqual([
      404,
      { error: { code: "NOT_FOUND", message: "It has gone.", hint: "Look at the others." } },
    ]);
    failure = new Error("secret detail");
    const broken = await served.ask("/data/agent?name=packer", { headers });
    expect([broken.status, JSON.parse(broken.body).error.code]).toEqual([500, "INTERNAL"]);
    expect(broken.body).not.toContain("secret");
    expect(served.stderr.join("")).toContain("secret detail");
  });

  test("that are no longer waited for are no longer looked for", async () => {
    let begun = () => {};
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    let aborted = () => {};
    const isAborted = new Promise<void>((resolve) => {
      aborted = resolve;
    });
    const served = await Served.start({
      changed: {
        runs: (_, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              reject(signal.reason);
              aborted();
            });
            begun();
          }),
      },
    });
    const socket = connect(served.server.port, "127.0.0.1");
    const { Authorization } = await served.bearer();
    socket.write(`GET /data/runs?agent=a HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${Authorization}\r\n\r\n`);
    await isBegun;
    socket.destroy();
    await isAborted;
    expect((await served.ask("/")).status).toBe(200);
    expect(served.stderr).toEqual([]);
  });
});
