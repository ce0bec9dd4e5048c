import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeForeignLines } from "../../support/foreign-writer.ts";
import { temporaryFolder } from "../../support/places.ts";
import { KEY } from "../hook-project.ts";
import { AGENT, EvidenceProject } from "./evidence-project.ts";
import { RunLines } from "./run-lines.ts";

const onLinux = test.runIf(process.platform === "linux");

describe("a run", () => {
  test("whose every edit was denied is recorded as a failure; one that could still edit is not", async () => {
    const project = new EvidenceProject();
    await project.agentRuns((lines) => lines.deniedEdit("f").deniedEdit("g"));
    expect(await project.facts()).toMatchObject({ ended_by: "denied", denied: 2, edits: 0 });
    const denied = { error_type: "PermissionDenied", success: false, recorded_by: "hook", idempotency_key: KEY };
    expect(await project.runs()).toMatchObject([denied]);
    await project.agentRuns((lines) => lines.deniedEdit("f").edited("g"), { key: "a0000000000000002" });
    expect(await project.runs()).toHaveLength(1);
  });

  test("that its user has interrupted is seen, and in no rate", async () => {
    const project = new EvidenceProject();
    await project.agentRuns((lines) => lines.edited("f").interrupted());
    expect(await project.facts()).toMatchObject({ ended_by: "interrupt", interrupted: 1 });
    expect(await project.runs()).toEqual([]);
    const { stats } = await project.kaizen.summary(AGENT);
    expect([stats.success.runs, stats.verified.runs]).toEqual([0, 0]);
    expect(await project.coverage()).toMatchObject({ ended: 1, reported: 0 });
  });

  test("that an error of the API has cut off is recorded with what it cost, also if its facts cannot be kept", async () => {
    const project = new EvidenceProject();
    project.transcript("api-error");
    await project.stop();
    expect(await project.facts()).toMatchObject({ ended_by: "api_error", tokens: { output: 80 } });
    expect(await project.runs()).toMatchObject([{ success: false, error_type: "server_error", recorded_by: "hook" }]);

    const kept = new EvidenceProject();
    kept.transcript("api-error");
    await kept.start();
    const file = join(kept.root, ".kaizen", "metrics", AGENT, "evidence.jsonl");
    rmSync(file);
    symlinkSync(join(temporaryFolder(), "elsewhere"), file);
    const { status, stderr, stdout } = await kept.hook("subagent-stop", kept.payload("subagent-stop"));
    expect([status, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/^kaizen-metrics: [^\n]*evidence\.jsonl[^\n]*\n$/);
    expect(await kept.runs()).toMatchObject([{ error_type: "server_error" }]);
  });
});

/** What a hook makes of a run with such a transcript: it has never failed, and says one line at most. */
async function factsOf(write: (path: string, text: string) => void) {
  const project = new EvidenceProject();
  await project.start();
  const lines = new RunLines(KEY, project.root).answer("m1", 40).edited("f").ran("npm test", " Tests  5 passed (5)");
  write(project.transcriptPath(), lines.text);
  const { status, stderr, stdout } = await project.hook("subagent-stop", project.payload("subagent-stop"));
  expect([status, stdout]).toEqual([0, ""]);
  expect(stderr).toMatch(/^([^\n]+\n)?$/);
  expect(project.lifecycle().map(({ event }) => event)).toEqual(["started", "ended"]);
  return project.facts();
}

describe("a transcript", () => {
  test("that was cut in the middle of a line tells what stands before", async () => {
    const facts = await factsOf((path, text) => writeFileSync(path, text.slice(0, text.lastIndexOf("toolUseResult"))));
    expect(facts).toMatchObject({ edits: 1, tokens: { output: 40 }, seen: "untested" });
  });

  const others: Record<string, (path: string, text: string) => void> = {
    "is a link": (path, text) => {
      const target = join(temporaryFolder(), "t.jsonl");
      writeFileSync(target, text);
      symlinkSync(target, path);
    },
    "is a folder": (path) => mkdirSync(path),
    "is missing": () => {},
    "has no line of this run": (path) => writeFileSync(path, '{"a":1}\nno JSON\n\0\n'),
  };
  test.each(Object.entries(others))("that %s tells nothing", async (_, write) => {
    const facts = await factsOf(write);
    for (const name of ["edits", "tokens", "seen", "cost_usd"]) expect(facts ?? {}).not.toHaveProperty(name);
    expect(facts).toHaveProperty("tree");
  });

  onLinux("that is a pipe tells nothing, and keeps nobody waiting", async () => {
    expect(await factsOf((path) => execFileSync("mkfifo", [path]))).not.toHaveProperty("edits");
  });

  test("of a version to come tells what is still to be understood", async () => {
    const facts = await factsOf((path, text) => {
      const changed = text.replaceAll('"2.1.332"', '"9.0.0"').replaceAll('"name":"Edit"', '"name":"Alter"');
      writeFileSync(path, `{"type":"new","version":9,"of":[[[]]]}\n${changed}{"type":"assistant","message":7}\n`);
    });
    expect(facts).toMatchObject({ client: "claude-code", tokens: { output: 40 }, tools: 2, edits: 0, seen: "no_edit" });
  });
});

/** Writes so many bytes of lines that tell nothing. */
function pad(path: string, bytes: number, isOneLine: boolean): void {
  const fd = openSync(path, "a");
  const piece = isOneLine ? "x".repeat(1 << 20) : `${JSON.stringify({ type: "progress", of: "x".repeat(990) })}\n`;
  if (isOneLine) writeSync(fd, '{"type":"progress","of":"');
  for (let written = 0; written < bytes; written += piece.length) writeSync(fd, piece);
  if (isOneLine) writeSync(fd, '"}\n');
  closeSync(fd);
}

describe("a long transcript", () => {
  test.each([
    ["of more than 4 MiB", 5 << 20, false],
    ["with a line of 100 MB", 100_000_000, true],
  ])("%s is read by a process of its own, which nothing waits for", async (_, bytes, isOneLine) => {
    const project = new EvidenceProject();
    await project.start();
    const path = project.transcriptPath();
    writeFileSync(path, new RunLines(KEY, project.root).answer("m1", 40).edited("f").text);
    pad(path, bytes, isOneLine);
    writeFileSync(path, new RunLines(KEY, project.root).edited(".kaizen/x").answer("m2", 2).text, { flag: "a" });
    await project.stop();
    expect(project.evidence()[1]).not.toHaveProperty("edits");
    const facts = await project.untilFacts(({ edits }) => edits !== undefined);
    expect(facts).toMatchObject({ edits: 2, tokens: { output: 42 }, seen: "untested", flags: ["tampered"] });
    await project.untilIdle();
    expect(project.evidence()).toHaveLength(3);
  });

  onLinux("has no process of its own for a store that was not accepted, whoever asks for one", async () => {
    const project = new EvidenceProject();
    writeForeignLines(project.root, AGENT, [{ success: true, timestamp: "2026-11-20T00:00:00Z" }]);
    await project.start();
    const path = project.transcriptPath();
    writeFileSync(path, new RunLines(KEY, project.root).edited("f").text);
    pad(path, 5 << 20, false);
    await project.stop();
    expect(project.isAtWork()).toBe(false);
    const later = { agent_id: KEY, agent_type: AGENT, cwd: project.root, agent_transcript_path: path };
    await project.hook("subagent-after", JSON.stringify(later));
    expect(await project.facts()).not.toHaveProperty("edits");
    await project.run("trust", "--yes");
    await project.hook("subagent-after", JSON.stringify(later));
    expect(await project.facts()).toMatchObject({ edits: 1 });
  });

  test("whose every edit was denied is recorded all the same", async () => {
    const project = new EvidenceProject();
    await project.start();
    const path = project.transcriptPath();
    writeFileSync(path, new RunLines(KEY, project.root).deniedEdit("f").text);
    pad(path, 5 << 20, false);
    await project.stop();
    await project.untilFacts(({ ended_by }) => ended_by === "denied");
    await project.untilIdle();
    expect(await project.runs()).toMatchObject([{ error_type: "PermissionDenied", idempotency_key: KEY }]);
  });
});

describe("the main conversation's tests after a run", () => {
  const SESSION = "5c1f0e6a-3b1d-4a57-9a43-0f8a2c6f7d11";

  function stop(project: EvidenceProject, session = SESSION) {
    const path = join(project.transcripts, "main.jsonl");
    const payload = { hook_event_name: "Stop", cwd: project.root, session_id: session, transcript_path: path };
    return project.hook("stop", JSON.stringify(payload));
  }

  function mainSays(project: EvidenceProject, does: (lines: RunLines) => void): void {
    const lines = new RunLines(undefined, project.root);
    does(lines);
    writeFileSync(join(project.transcripts, "main.jsonl"), lines.text);
  }

  test.each([
    [" Tests  5 passed (5)", "green_after"],
    [" Tests  1 failed | 4 passed (5)", "red_after"],
  ])("%s are seen for a run of the same session that did not test itself, and for no other", async (output, seen) => {
    const project = new EvidenceProject();
    await project.agentRuns((lines) => lines.edited("f"));
    const other = { session_id: "another", agent_id: "a0000000000000002" };
    await project.agentRuns((lines) => lines.edited("f"), { key: other.agent_id, more: other });
    await project.agentRuns((lines) => lines.edited("f").ran("npx vitest run", " Tests  2 passed (2)"), {
      key: "a0000000000000003",
    });
    mainSays(project, (lines) => lines.says("x").ran("npx vitest run", output));
    expect(await stop(project)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    const all = [KEY, other.agent_id, "a0000000000000003"].map(async (key) => (await project.facts(key))?.seen);
    expect(await Promise.all(all)).toEqual([seen, "untested", "green"]);
    expect(await project.runs()).toEqual([]);
  });

  const delegation = {
    id: "msg_a",
    role: "assistant",
    content: [{ type: "tool_use", id: "a", name: "Agent", input: {} }],
  };

  test("are seen if the run was set to work in the second in which it ended, and not if another was after that", async () => {
    for (const [later, seen] of [
      [999, "green_after"],
      [1_000, "untested"],
    ] as const) {
      const project = new EvidenceProject();
      await project.agentRuns((lines) => lines.edited("f"));
      const ended = Date.parse(project.evidence().at(-1)?.ended ?? "");
      const timestamp = new Date(ended + later).toISOString();
      mainSays(project, (lines) =>
        lines.add({ type: "assistant", timestamp, message: delegation }).ran("npx vitest run", " Tests  5 passed (5)"),
      );
      await stop(project);
      expect((await project.facts())?.seen).toBe(seen);
    }
  });

  test("say nothing once somebody has edited, and nothing if transcripts are not to be read", async () => {
    const project = new EvidenceProject();
    await project.agentRuns((lines) => lines.edited("f"));
    mainSays(project, (lines) => lines.edited("f").ran("npx vitest run", " Tests  5 passed (5)"));
    await stop(project);
    expect((await project.facts())?.seen).toBe("untested");
    mainSays(project, (lines) => lines.says("x").ran("npx vitest run", " Tests  5 passed (5)"));
    project.env = { KAIZEN_EVIDENCE: "off" };
    await stop(project);
    expect((await project.facts())?.seen).toBe("untested");
    project.env = {};
    await stop(project);
    expect((await project.facts())?.seen).toBe("green_after");
    expect(readFileSync(join(project.root, ".kaizen/metrics", AGENT, "evidence.jsonl"), "utf8")).not.toContain(SESSION);
  });
});
