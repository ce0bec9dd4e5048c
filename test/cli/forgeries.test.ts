import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isJsonObject } from "../../src/domain/text/json.ts";
import { cleanEnvironment } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { linkedClient, textOf } from "../support/linked-client.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";

// What the judged agent may do to be believed: each way is tried, and has to lead to nothing that counts.

const onLinux = test.runIf(process.platform === "linux");

/** A project with one run, whose agent claims that it succeeded. */
async function projectWithRun(): Promise<{ root: string; run: string }> {
  const root = temporaryFolder();
  const { stdout } = await runCommandHere(["record", "coder", "--success", "--json"], { root });
  return { root, run: idIn(stdout) };
}

function idIn(json: string): string {
  const receipt: unknown = JSON.parse(json);
  return isJsonObject(receipt) && typeof receipt.id === "string" ? receipt.id : "";
}

function linesOf(root: string): string[] {
  const path = join(root, ".kaizen", "metrics", "coder", "verifications.jsonl");
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n");
  } catch {
    return [];
  }
}

async function summaryOf(root: string): Promise<unknown> {
  return JSON.parse((await runCommandHere(["summary", "coder", "--json"], { root })).stdout);
}

const nothingCounts = {
  stats: { verified: { runs: 0, rate: null, claimed_by: { human: 1 } }, success: { runs: 1, successes: 1 } },
};

/** Programs that do nothing but start what they are told to, under the names of others. */
function programsNamed(...names: readonly string[]): string {
  const folder = temporaryFolder();
  for (const name of names) {
    writeFileSync(join(folder, name), '#!/bin/sh\n"$@"\nexit $?\n');
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** What our program says when it is started by those before it on the line, the first of which starts them all. */
function startedBy(above: readonly string[], args: readonly string[], stdin = "", env: NodeJS.ProcessEnv = {}) {
  const [command = "", ...rest] = [...above, process.execPath, bundle, ...args];
  const ran = spawnSync(command, rest, { env: cleanEnvironment(env), input: stdin, encoding: "utf8" });
  return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

describe("an agent that verifies its own run", () => {
  test.each(["ci", "human"])("is refused over MCP as %s, and hears who can say it", async (verified_by) => {
    const { call, kaizen } = await linkedClient();
    const { id: execution_id } = await kaizen.record({ agent: "coder", success: true });
    const answer = await call("verify_execution", { agent: "coder", execution_id, success: true, verified_by });
    expect(answer).toMatchObject({ isError: true });
    expect(textOf(answer)).toMatch(/^INVALID_ARGUMENT: .*"tests" or "agent"/);
    expect(textOf(answer)).toContain(verified_by === "ci" ? "verify --commit" : "/kaizen-metrics:good");
    expect((await kaizen.summary("coder")).stats.verified.runs).toBe(0);
  });

  test("over MCP says by which door it came, and no argument says another", async () => {
    const { call, kaizen } = await linkedClient();
    const { id: execution_id } = await kaizen.record({ agent: "coder", success: true });
    const word = { agent: "coder", execution_id, success: true, verified_by: "tests" };
    for (const forged of [{ via: "prompt" }, { unproven: false }, { withdrawn: true }]) {
      expect(await call("verify_execution", { ...word, ...forged })).toMatchObject({ isError: true });
    }
    await call("verify_execution", word);
    const { verifications } = await kaizen.executions("coder", { filter: {}, limit: 1 });
    expect([...verifications.values()]).toMatchObject([[{ verified_by: "tests", via: "mcp" }]]);
    expect(await call("read_executions", { agent: "coder" })).toMatchObject({
      structuredContent: {
        verifications: { [String(execution_id)]: [{ verified_by: "tests", success: true, via: "mcp" }] },
      },
    });
  });

  test.each([
    { CLAUDECODE: "1" },
    { CLAUDECODE: "1", CI: "true" },
    { CODEX_SANDBOX: "seatbelt" },
    { CODEX_THREAD_ID: "t" },
    { CURSOR_AGENT: "1" },
    { GEMINI_CLI: "1" },
    { COPILOT_AGENT_JOB_ID: "7" },
    { OPENCODE: "1" },
    { AI_AGENT: "any" },
  ])("in a shell with %j is kept as a claim that counts nowhere, and is told so", async (env) => {
    const { root, run } = await projectWithRun();
    const { status, stdout } = await runCommandHere(["verify", "coder", run, "--failure", "--by", "human"], {
      root,
      env,
    });
    expect(status).toBe(0);
    expect(stdout).toContain("Kept as claimed by human, via cli: failure. It counts in no figure");
    expect(stdout).toContain("in a terminal of their own");
    expect(linesOf(root).map((line) => JSON.parse(line))).toMatchObject([{ via: "cli", unproven: true }]);
    expect(await summaryOf(root)).toMatchObject(nothingCounts);
  });

  test("is shown as claimed wherever its runs are", async () => {
    const { root, run } = await projectWithRun();
    await runCommandHere(["verify", "coder", run, "--failure", "--by", "human"], { root, env: { CLAUDECODE: "1" } });
    const shown = async (...args: string[]) => (await runCommandHere(args, { root })).stdout;
    expect(await shown("summary", "coder")).toContain("claimed by human, via cli: 1 run, not counted");
    expect(await shown("executions", "coder")).toContain("claimed by human, via cli: failure");
    expect(JSON.parse(await shown("executions", "coder", "--json"))).toMatchObject({
      verifications: { [run]: [{ verified_by: "human", success: false, via: "cli", unproven: true }] },
    });
    expect(await shown("export", "--format", "csv")).toContain(',"claimed by human, via cli: failure",');
    const spans = await shown("export", "--format", "otlp", "--output", "-");
    expect(spans).toContain('"claimed_by_human"');
    expect(spans).not.toContain("kaizen.verified");
  });

  onLinux("is not believed for taking the sign out of its environment: its client is above it", async () => {
    const { root, run } = await projectWithRun();
    const folder = programsNamed("claude", "codex");
    const line = ["verify", "coder", run, "--success", "--by", "ci", "--root", root];
    for (const client of ["claude", "codex"]) {
      const above = [join(folder, client), "/bin/sh", "-c", 'env -u CLAUDECODE CI=true "$@"', "sh"];
      const { stdout } = startedBy(above, line);
      expect(stdout).toContain(`Kept as claimed by ci, via cli: success.`);
      expect(stdout).toContain(`${client} has started this`);
    }
    expect(await summaryOf(root)).toMatchObject({ stats: { verified: { runs: 0, claimed_by: { ci: 1 } } } });
    startedBy([], line);
    expect(await summaryOf(root)).toMatchObject({ stats: { verified: { runs: 1 } } });
  });

  test("takes back nothing that a person has said", async () => {
    const { root, run } = await projectWithRun();
    await runCommandHere(["verify", "coder", run, "--failure", "--by", "human"], { root });
    const env = { CLAUDECODE: "1" };
    for (const line of [
      ["verify", "--undo"],
      ["verify", "coder", run, "--undo"],
    ]) {
      expect(await runCommandHere(line, { root, env })).toMatchObject({ status: 1 });
    }
    expect(await summaryOf(root)).toMatchObject({ stats: { verified: { runs: 1, successes: 0 } } });
  });

  test("brings in no file that says a person has said it", async () => {
    const { root, run } = await projectWithRun();
    const forged = {
      ...{ agent: "coder", execution_id: run, success: false, verified_by: "human", via: "prompt" },
      ...{ timestamp: "2026-11-22T10:00:00Z", claimed: true, executed_at: null },
    };
    const stdin = `${JSON.stringify(forged)}\n`;
    expect(await runCommandHere(["import", "-"], { root, stdin, env: { CLAUDECODE: "1" } })).toMatchObject({
      status: 0,
    });
    expect(linesOf(root).join("\n")).not.toContain("prompt");
    expect(await summaryOf(root)).toMatchObject(nothingCounts);
  });
});

describe("a report that says of itself what only others can", () => {
  const reserved = ["verified", "verified_by", "recorded_by", "earlier", "via", "unproven", "withdrawn"];

  test.each(reserved)("is refused over MCP and on the command line for %s", async (name) => {
    const { call, kaizen } = await linkedClient();
    const answer = await call("record_execution", { agent: "coder", success: true, extra: { [name]: true } });
    expect(answer).toMatchObject({ isError: true });
    expect(textOf(answer)).toContain(`INVALID_ARGUMENT: extra may not hold "${name}"`);
    expect(textOf(answer)).toContain("verify_execution");
    expect(await kaizen.listAgents()).toEqual([]);
    const root = temporaryFolder();
    const ran = await runCommandHere(["record", "coder", "--success", "--set", `${name}=true`], { root });
    expect(ran).toMatchObject({ status: 2, stderr: expect.stringContaining(`may not give "${name}"`) });
    const stdin = JSON.stringify({ success: true, extra: { [name]: true } });
    const fromFile = await runCommandHere(["record", "coder", "--file", "-"], { root, stdin });
    expect(fromFile).toMatchObject({ status: 2, stderr: expect.stringContaining(`may not hold "${name}"`) });
  });

  test("of another writer is taken in as it is written", async () => {
    const root = temporaryFolder();
    const line = '{"success": true, "verified": "yes", "via": "telex", "timestamp": "2026-11-22T10:00:00Z"}\n';
    await runCommandHere(["import", "-", "--agent", "coder"], { root, stdin: line });
    expect(readFileSync(join(root, ".kaizen", "metrics", "coder", "executions.jsonl"), "utf8")).toContain(
      '"verified": "yes", "via": "telex"',
    );
  });
});
