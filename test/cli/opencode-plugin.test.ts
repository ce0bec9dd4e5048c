import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";

// What init writes for opencode is code: here it runs, called as opencode 1.18.33 calls it.

const FILE = ".opencode/plugins/kaizen-metrics.js";

interface Hooks {
  "chat.message"(input: object, output: object): Promise<void>;
  "experimental.chat.system.transform"(input: object, output: { system: string[] }): Promise<void>;
  event(input: { event: object }): Promise<void>;
}

async function project() {
  const root = temporaryFolder();
  mkdirSync(join(root, ".git"));
  const init = (...flags: readonly string[]) => runCommandHere(["init", "--client", "opencode", ...flags], { root });
  await init();
  return { root, init, path: join(root, FILE) };
}

/** The plugin in a process of opencode whose sessions are these; an id of none of them is answered with an error. */
async function started(root: string, sessions: Readonly<Record<string, object>>): Promise<Hooks> {
  const client = {
    session: {
      get: async ({ path: { id } }: { path: { id: string } }) => {
        if (sessions[id] === undefined) throw new Error("no such session");
        return { data: sessions[id] };
      },
      messages: async () => ({
        data: [
          { info: { role: "user" }, parts: [{ type: "text", text: "do it" }] },
          { info: { role: "assistant" }, parts: [{ type: "tool" }, { type: "text", text: "done" }] },
        ],
      }),
    },
  };
  const { KaizenMetrics } = await import(pathToFileURL(join(root, FILE)).href);
  return KaizenMetrics({ client, directory: root });
}

const linesOf = (root: string, file: string) =>
  readFileSync(join(root, ".kaizen/metrics/reviewer", file), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("the plugin for opencode", () => {
  test("gives a subagent its brief, notes once that it ran, and records a failure of the API", async () => {
    const { root } = await project();
    const child = { parentID: "ses_parent", directory: root };
    const hooks = await started(root, { ses_1: child, ses_2: child, ses_parent: { directory: root } });
    const systemOf = async (sessionID: string | undefined) => {
      const output = { system: ["the client's own"] };
      await hooks["experimental.chat.system.transform"]({ sessionID }, output);
      return output.system;
    };
    await hooks["chat.message"]({ sessionID: "ses_1", agent: "reviewer" }, {});
    expect(await systemOf("ses_1")).toEqual(["the client's own", expect.stringContaining('idempotency_key "ses_1"')]);
    for (const of of ["ses_parent", "ses_gone", undefined]) {
      await hooks["chat.message"]({ sessionID: of, agent: "build" }, {});
      expect(await systemOf(of)).toEqual(["the client's own"]);
      await hooks.event({ event: { type: "session.idle", properties: { sessionID: of } } });
    }
    await hooks["chat.message"]({ sessionID: "ses_2" }, { message: { agent: "reviewer" } });
    const error = { name: "APIError", data: { message: "no credit left" } };
    await hooks.event({ event: { type: "session.error", properties: { sessionID: "ses_2", error } } });
    for (const sessionID of ["ses_1", "ses_1", "ses_2"])
      await hooks.event({ event: { type: "session.idle", properties: { sessionID } } });
    const events = linesOf(root, "lifecycle.jsonl").map(({ event, key }) => `${key} ${event}`);
    expect(events).toEqual(["ses_1 started", "ses_2 started", "ses_2 ended", "ses_2 reported", "ses_1 ended"]);
    expect(linesOf(root, "executions.jsonl")).toMatchObject([
      { success: false, error_type: "APIError", error: "no credit left", idempotency_key: "ses_2" },
    ]);
    expect(readdirSync(join(root, ".kaizen/metrics"))).toEqual(expect.not.arrayContaining(["build"]));
  });

  test("never fails in opencode, also if the program is gone", async () => {
    const { root, path } = await project();
    writeFileSync(path, readFileSync(path, "utf8").replace(/const PROGRAM = .*/, 'const PROGRAM = ["/gone/program"];'));
    const hooks = await started(root, { ses_1: { parentID: "ses_parent" } });
    await hooks["chat.message"]({ sessionID: "ses_1", agent: "reviewer" }, {});
    const output = { system: [] };
    await hooks["experimental.chat.system.transform"]({ sessionID: "ses_1" }, output);
    await hooks.event({ event: { type: "session.idle", properties: { sessionID: "ses_1" } } });
    await hooks.event({ event: { type: "server.connected" } });
    expect(output.system).toEqual([]);
  });

  test("is brought up to date, stays if a person has changed it, and is replaced by force only", async () => {
    const { init, path, root } = await project();
    const written = readFileSync(path, "utf8");
    writeFileSync(path, written.replaceAll("\n", "\r\n"));
    expect((await init()).stdout).toContain("Everything was there already.");
    expect((await init("--retention-days", "30")).stdout).toContain("plugin kaizen-metrics: brought up to date");
    expect(readFileSync(path, "utf8")).toContain('const FLAGS = ["--retention-days", "30"];');
    appendFileSync(path, "// mine\n");
    expect(await init()).toMatchObject({ status: 1, stderr: expect.stringContaining("not as init has written it") });
    expect((await init("--remove")).stdout).toContain("plugin kaizen-metrics: stays, it is not ours");
    expect((await init("--remove", "--force")).stdout).toContain("plugin kaizen-metrics: taken out");
    expect(readdirSync(root)).toEqual([".git"]);
  });
});
