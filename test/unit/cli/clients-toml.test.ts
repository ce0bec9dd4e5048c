import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { tomlServer } from "../../../src/cli/clients/entries/toml-server.ts";

const wanted = { command: "node", args: ["/opt/kaizen metrics/dist/main.js", "--root", "/home/me/a project"] };
const server = tomlServer(wanted);
const full = readFileSync(new URL("../../fixtures/clients/codex/.codex/config.toml", import.meta.url), "utf8");
const add = { mode: "add", force: false } as const;
const remove = { mode: "remove", force: false } as const;

describe("the server in a TOML file", () => {
  test.each([
    ["no file", undefined],
    ["an empty file", ""],
    ["a comment only", "# nothing yet\n"],
    ["a file that is full of other things", full],
    ["the same with the line breaks of Windows", full.replaceAll("\n", "\r\n")],
    ["a last line that is not ended", full.trimEnd()],
    ["blank lines at the end", `${full}\n\n`],
    ["numbers beyond those of JavaScript, and dates", "big = 9007199254740993\nat = 2026-11-22T10:00:00Z\n"],
    ["servers written with dots", 'mcp_servers.docs.command = "npx"\n'],
  ])("is added to %s and taken out to the byte", (_, before) => {
    const { did, text } = server.apply(before, add);
    expect(did).toBe("added");
    expect(parse(text ?? "", { integersAsBigInt: true }).mcp_servers).toMatchObject({ "kaizen-metrics": wanted });
    expect(text?.startsWith(before ?? "")).toBe(true);
    expect(server.apply(text, add)).toEqual({ text, did: "nothing" });
    expect(server.apply(text, remove)).toEqual({ text: before, did: "removed" });
  });

  test("is brought up to date where it stands, with what a person has added to it", () => {
    const old = `[mcp_servers.kaizen-metrics] # ours
args = [
  "/old/dist/main.js", # the old place
  "--root", "/old",
  "--retention-days", "30",
]
command = 'node'
startup_timeout_sec = 30

[mcp_servers.kaizen-metrics.tools.record_execution]
approval_mode = "approve"

# what follows
[tui]
`;
    const { did, text } = server.apply(old, add);
    expect(did).toBe("updated");
    expect(text).toBe(`[mcp_servers.kaizen-metrics] # ours
args = ["/opt/kaizen metrics/dist/main.js", "--root", "/home/me/a project", "--retention-days", "30"]
command = "node"
startup_timeout_sec = 30

[mcp_servers.kaizen-metrics.tools.record_execution]
approval_mode = "approve"

# what follows
[tui]
`);
    expect(server.apply(text, remove)).toEqual({ text: "\n# what follows\n[tui]\n", did: "removed" });
  });

  test("is taken out from between what a person has added since", () => {
    const { text } = server.apply("a = 1\n", add);
    expect(server.apply(`${text}\n# mine\n[tui]\nx = 1\n`, remove).text).toBe("a = 1\n\n# mine\n[tui]\nx = 1\n");
  });

  test.each([
    ['mcp_servers = { docs = { command = "npx" } }\n', add],
    ['[mcp_servers]\nkaizen-metrics = { command = "node", args = ["/x/dist/main.js"] }\n', add],
    ['[mcp_servers]\nkaizen-metrics = { command = "node", args = ["/x/dist/main.js"] }\n', remove],
    ['mcp_servers.kaizen-metrics.command = "node"\nmcp_servers.kaizen-metrics.args = ["/x/dist/main.js"]\n', remove],
  ])("is left alone where it is written in a form that lines cannot be cut from: %#", (text, request) => {
    expect(() => server.apply(text, request)).toThrow("cannot be edited without a risk");
  });

  test("of somebody else is left alone, and replaced only by force", () => {
    const theirs = '[mcp_servers.kaizen-metrics]\ncommand = "uvx"\nargs = ["kaizen-metrics"]\n';
    expect(() => server.apply(theirs, add)).toThrow("there already, and it starts uvx kaizen-metrics");
    expect(server.apply(theirs, remove)).toEqual({ text: theirs, did: "left" });
    expect(parse(server.apply(theirs, { mode: "add", force: true }).text ?? "")).toEqual({
      mcp_servers: { "kaizen-metrics": wanted },
    });
    expect(server.apply(theirs, { mode: "remove", force: true }).text).toBeUndefined();
  });

  test("is not written into a file that is no TOML; the place of the mistake is told", () => {
    expect(() => server.apply('model = "x"\n[tui\n', add)).toThrow(/not valid TOML at line 2, column \d+/);
  });

  test("may have any character in its path", () => {
    const odd = { command: "node", args: ['C:\\Users\\"me"\\dist\\main.js', "\u007f\u0001é😀", "$HOME"] };
    expect(parse(tomlServer(odd).apply(undefined, add).text ?? "")).toEqual({ mcp_servers: { "kaizen-metrics": odd } });
  });
});
