import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundle, ServerProcess } from "../../support/server-process.ts";
import { EvidenceProject } from "./evidence-project.ts";

// `script` of util-linux gives a terminal.
const script = "/usr/bin/script";
const onLinux = test.runIf(process.platform === "linux" && existsSync(script));

/** What a person sees who sets up a check on a terminal, and types an answer to what they are asked. */
async function answered(root: string, answer: string): Promise<{ status: unknown; shown: string }> {
  const line = `${process.execPath} ${bundle} init --client claude-code --check 'npm test' --root ${root}`;
  const terminal = new ServerProcess({ command: script, args: ["-qec", line, "/dev/null"], env: { TERM: "xterm" } });
  let shown = "";
  terminal.child.stdout.on("data", (text: Buffer | string) => {
    shown += String(text);
  });
  while (!shown.includes("[y/N]")) await new Promise((resolve) => terminal.child.stdout.once("data", resolve));
  terminal.write(answer);
  return { status: await terminal.exited, shown };
}

onLinux("a check is set up once a person has typed y, after they read what it means", async () => {
  const project = new EvidenceProject({ takesPart: false });
  const { shown, status } = await answered(project.root, "y\n");
  expect(status).toBe(0);
  const question = shown.slice(0, shown.indexOf("[y/N]"));
  expect(question.replaceAll(/\s+/g, " ")).toContain("an agent that may only edit can so run programs");
  expect((await project.run("doctor")).stdout).toContain('Check: "npm test" runs after runs that edited');
});

onLinux.each(["n\n", "\n", "yes, maybe\n", "\u0004"])(
  "a check is not set up, nor anything else, by %j",
  async (answer) => {
    const project = new EvidenceProject({ takesPart: false });
    const { shown, status } = await answered(project.root, answer);
    expect(status).toBe(2);
    expect(shown).toContain("you did not agree to the check");
    for (const name of [".mcp.json", ".claude", ".kaizen"]) expect(existsSync(join(project.root, name))).toBe(false);
    expect((await project.run("doctor")).stdout).not.toContain("Check:");
  },
);
