import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/places.ts";
import { bundle, ServerProcess } from "../support/server-process.ts";

// `script` of util-linux gives a program a terminal; elsewhere the text is tested without one.
const script = "/usr/bin/script";

test.runIf(process.platform === "linux" && existsSync(script))(
  "on a terminal it says what it is, where the files are, and what to paste into a client",
  async () => {
    const root = temporaryFolder();
    const command = `${process.execPath} ${bundle} --root ${root} > /dev/null`;
    const terminal = new ServerProcess({ command: script, args: ["-qec", command, "/dev/null"] });
    const shown = () => terminal.lines.join("\n");
    // The terminal shows stderr where `script` writes: on its own stdout. Ctrl-D is the end of input.
    while (!shown().includes("--help")) await new Promise((resolve) => terminal.child.stdout.once("data", resolve));
    terminal.write("\u0004");
    expect(await terminal.exited).toBe(0);
    expect(shown()).toContain("is a server for MCP clients");
    expect(shown()).toContain(`${root}/.kaizen/metrics`);
    expect(shown()).toContain(`claude mcp add kaizen-metrics -- node ${bundle} --root ${root}`);
  },
);
