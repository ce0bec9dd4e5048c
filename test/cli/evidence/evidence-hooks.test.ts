import { createHmac } from "node:crypto";
import { realpathSync, renameSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openTrust } from "../../../src/open-kaizen.ts";
import { temporaryFolder } from "../../support/places.ts";
import { KEY } from "../hook-project.ts";
import { AGENT, EvidenceProject } from "./evidence-project.ts";

// The real program and the real git, spoken to as Claude Code does.

/** A run that does something of everything, with words that are to be found nowhere afterwards. */
function busyRun(project: EvidenceProject) {
  return project.agentRuns((lines) => {
    project.write("src/CANARY_path.ts", "CANARY_content\n");
    lines
      .says("CANARY_prompt: mend the clock")
      .answer("m1", 40, {}, { content: [{ type: "text", text: "CANARY_answer" }] })
      .edited(join(project.root, "src/CANARY_path.ts"))
      .brokeOff("ls CANARY_command", 2, "CANARY_output")
      .ran("npx vitest run CANARY_command", " ✓ CANARY_test\n Tests  5 passed (5)");
  });
}

const canaries = ["path", "content", "prompt", "answer", "command", "output", "test"].map((word) => `CANARY_${word}`);

describe("a run that ends", () => {
  test("leaves a line of facts, trees and marks, and no word of what was said, typed, read or printed", async () => {
    const project = new EvidenceProject();
    project.write("package.json", "{}");
    const first = project.commit();
    await busyRun(project);
    const [begun, ended, ...others] = project.evidence();
    expect(others).toEqual([]);
    const id = expect.stringMatching(/^[0-9a-f]{40}$/);
    const mark = expect.stringMatching(/^[0-9a-f]{12}$/);
    const dated = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const common = { agent: AGENT, key: KEY, first_seen: dated, timestamp: dated, v: 1, checkout: mark };
    expect(begun).toEqual({ ...common, blobs: [], config_start: mark, head_start: first, tree_start: id });
    expect(ended).toMatchObject({
      ...{ ...common, client: "claude-code", model: "claude-sonnet-4-5-20250929", session: mark, ended: dated },
      ...{ tools: 3, tool_errors: 1, denied: 0, interrupted: 0, edits: 1, files: 1, seen: "green" },
      tests: { runner: "vitest", runs: 1, passed: 5, failed: 0, how: "exit+summary" },
      tokens: { input: 10, output: 40, cache_read: 0, cache_write: 0 },
      cost_usd: expect.closeTo(0.00063, 5),
      ...{ blobs: [mark], config: begun?.config_start, head: first, tree: id },
    });
    expect(ended?.tree).not.toBe(begun?.tree_start);
    for (const canary of [...canaries, project.root, "5c1f0e6a"]) expect(project.storedIn(canary)).toEqual([]);
  });

  test("has marks by a secret that only this machine knows", async () => {
    const project = new EvidenceProject();
    await busyRun(project);
    const secret = openTrust(project.root).secretFor("evidence") ?? "";
    const markOf = (text: string) => createHmac("sha256", secret).update(text).digest("hex").slice(0, 12);
    const session = JSON.parse(project.payload("subagent-stop")).session_id;
    expect(await project.facts()).toMatchObject({
      checkout: markOf(realpathSync(project.root)),
      session: markOf(`session\0${session}`),
    });
    expect(project.storedIn(secret.toString("hex"))).toEqual([]);
  });

  test("has the tree that its commit gets, without the store, tracked or not, in a nested project too", async () => {
    for (const place of [".", "packages/a"]) {
      for (const ignored of ["", ".kaizen/\n"]) {
        const outer = new EvidenceProject({ takesPart: false });
        const project = new EvidenceProject({ root: join(outer.root, place), isRepository: false });
        if (place !== ".") renameSync(join(project.root, ".git"), join(temporaryFolder(), "none"));
        outer.write(".gitignore", ignored);
        outer.write("f", "a\n");
        outer.commit();
        await project.agentRuns((lines) => {
          outer.write("f", "b\n");
          lines.edited("f");
        });
        const { tree, tree_start } = (await project.facts()) ?? {};
        outer.commit();
        const tracked = outer.git("ls-files", join(place, ".kaizen"));
        expect(tracked === "").toBe(ignored !== "");
        outer.git("rm", "-rq", "--cached", "--ignore-unmatch", join(place, ".kaizen"));
        expect([tree, tree_start === tree]).toEqual([outer.git("write-tree"), false]);
      }
    }
  });
});

describe("what is switched off is left out", () => {
  const ofTranscript = ["client", "model", "tokens", "cost_usd", "tools", "edits", "seen", "tests", "checks"];
  const ofGit = ["head_start", "tree_start", "tree", "head", "checkout", "blobs", "config", "config_start"];

  async function namesAfter(project: EvidenceProject): Promise<string[]> {
    await project.agentRuns((lines) => {
      project.write("f", "b\n");
      lines.answer("m1", 4).edited("f").ran("npm test", " Tests  5 passed (5)");
    });
    return Object.keys((await project.facts()) ?? {});
  }

  test.each([
    ["--no-transcripts", ofTranscript, ofGit],
    ["--no-git", ofGit, ofTranscript],
  ])("by init %s", async (flag, out, stays) => {
    const project = new EvidenceProject({ takesPart: false });
    await project.init(flag);
    project.commit();
    const names = await namesAfter(project);
    expect(names).toEqual(expect.arrayContaining(stays));
    expect(names.filter((name) => out.includes(name))).toEqual([]);
  });

  test("all of it by KAIZEN_EVIDENCE=off: there is no such file", async () => {
    const project = new EvidenceProject();
    project.env = { KAIZEN_EVIDENCE: "off" };
    expect(await namesAfter(project)).toEqual([]);
    expect(project.filesOf(AGENT)).toEqual(["lifecycle.jsonl"]);
  });

  test("a transcript is not even opened", async () => {
    const project = new EvidenceProject({ takesPart: false });
    await project.init("--no-transcripts");
    await project.start();
    project.transcript("api-error");
    await project.stop();
    // Of a transcript that is read, the error of the API in it is recorded.
    expect(await project.runs()).toEqual([]);
    await project.stop({}, "stop-failure");
    expect(await project.runs()).toMatchObject([{ error_type: "rate_limit" }]);
  });
});
