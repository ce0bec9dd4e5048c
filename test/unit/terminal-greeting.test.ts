import { expect, test } from "vitest";
import { terminalGreeting } from "../../src/mcp/stdio/terminal-greeting.ts";

test("a person at a terminal reads what this is, where the files are, and what to paste", () => {
  const facts = { version: "1.2.3", script: "/opt/kaizen/dist/main.js", project: { path: "/home/me/my app" } };
  expect(terminalGreeting(facts)).toMatchInlineSnapshot(`
    "kaizen-metrics 1.2.3 is a server for MCP clients. It speaks JSON-RPC on stdin and stdout, and waits for a client.
    It is of no use typed at; end it with Ctrl-D or Ctrl-C.

    Files:   /home/me/my app/.kaizen/metrics (created with the first recorded run)

    Claude Code, in a terminal:
      claude mcp add kaizen-metrics -- node /opt/kaizen/dist/main.js --root '/home/me/my app'

    Cursor (.cursor/mcp.json), Claude Code (.mcp.json) and most other clients:
      {
        "mcpServers": {
          "kaizen-metrics": {
            "command": "node",
            "args": [
              "/opt/kaizen/dist/main.js",
              "--root",
              "/home/me/my app"
            ]
          }
        }
      }

    VS Code (.vscode/mcp.json) has "servers" in place of "mcpServers". More: --help
    "
  `);
});

test("the name of a folder steers no terminal", () => {
  const text = terminalGreeting({ version: "1", script: "/opt/main.js", project: { path: "/a\u202e\u001b[2Jb" } });
  expect(text).toContain("Files:   /a??[2Jb/.kaizen/metrics");
});

test("without a project it says why, and what to paste has a place for the path", () => {
  const problem = "No folder upwards from / is a project.";
  const text = terminalGreeting({ version: "1.2.3", script: "/opt/main.js", project: { problem } });
  expect(text).toContain(`Files:   ${problem}`);
  expect(text).toContain('"/path/to/your/project"');
});
