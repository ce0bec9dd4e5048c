import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/places.ts";
import { AGENT, EvidenceProject } from "./evidence-project.ts";

/** What may stand in the place of the file with the evidence. */
const things: Record<string, (file: string) => void> = {
  "a link": (file) => symlinkSync(join(temporaryFolder(), "elsewhere"), file),
  "a folder": (file) => mkdirSync(file),
  "a pipe": (file) => void execFileSync("mkfifo", [file]),
  garbage: (file) => writeFileSync(file, Buffer.from("\0\xff{{{\n".repeat(1000), "latin1")),
  "lines of a version to come": (file) => writeFileSync(file, '{"v":9,"agent":"x","key":7}\n'.repeat(10)),
};

test.each(Object.entries(things))(
  "with %s in the place of the evidence hooks do the rest, and say one line",
  async (_, put) => {
    const project = new EvidenceProject();
    await project.start();
    const file = join(project.root, ".kaizen", "metrics", AGENT, "evidence.jsonl");
    rmSync(file);
    put(file);
    const stop = { hook_event_name: "Stop", cwd: project.root, session_id: "s", transcript_path: "/nowhere" };
    project.transcript("api-error");
    const said = [
      await project.hook("subagent-start", project.payload("subagent-start", { agent_id: "a2" })),
      await project.hook("subagent-stop", project.payload("subagent-stop")),
      await project.hook("subagent-after", project.payload("subagent-stop")),
      await project.hook("stop", JSON.stringify(stop)),
      await project.hook("session-start", project.payload("session-start")),
    ];
    for (const { status, stderr } of said) {
      expect(status).toBe(0);
      expect(stderr).toMatch(/^(?:kaizen-metrics: [^\n]+\n)?$/);
    }
    // The brief was given, the run was seen to end, and its failure is on record.
    expect(JSON.parse(said[0]?.stdout ?? "").hookSpecificOutput.additionalContext).toContain(AGENT);
    expect(project.lifecycle().map(({ event }) => event)).toEqual(expect.arrayContaining(["started", "ended"]));
    expect(await project.runs()).toMatchObject([{ success: false, error_type: "server_error" }]);
  },
);

test("what is no payload, or of no event, is told in one line", async () => {
  const project = new EvidenceProject();
  for (const event of [
    "subagent-start",
    "subagent-stop",
    "subagent-after",
    "stop",
    "session-start",
    "user-prompt",
    "x",
  ]) {
    for (const input of ["", "no JSON", "[]", '{"agent_id": "a\\nb", "cwd": 7}']) {
      const { status, stderr } = await project.hook(event, input);
      expect([event, input, status]).toEqual([event, input, 0]);
      expect(stderr).toMatch(/^(?:kaizen-metrics: [^\n]+\n)?$/);
    }
  }
});
