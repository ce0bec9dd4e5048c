import { parse as parseToml } from "smol-toml";
import { describe, expect, test } from "vitest";
import { jsonHooks } from "../../../src/cli/clients/entries/json-hooks.ts";
import { jsonServer } from "../../../src/cli/clients/entries/json-server.ts";
import { tomlServer } from "../../../src/cli/clients/entries/toml-server.ts";
import { EditRefused } from "../../../src/cli/clients/entry/edit.ts";
import { hookEvents } from "../../../src/cli/clients/entry/hooks.ts";

const program = "/opt/kaizen-metrics/dist/main.js";
const wanted = { command: "node", args: [program, "--root", "."] };
const add = { mode: "add", force: false } as const;
const force = { mode: "add", force: true } as const;

const json = {
  edit: jsonServer({ key: "mcpServers" }, wanted),
  write: (entry: object) => JSON.stringify({ mcpServers: { other: { command: "x" }, "kaizen-metrics": entry } }),
  read: (text: string) => JSON.parse(text).mcpServers,
};
const toml = {
  edit: tomlServer(wanted),
  write: (entry: object) =>
    `[mcp_servers.kaizen-metrics]\n${Object.entries(entry)
      .map(([key, value]) => `${key} = ${inline(value)}\n`)
      .join("")}\n[mcp_servers.other]\ncommand = "x"\n`,
  read: (text: string) => JSON.parse(JSON.stringify(parseToml(text).mcp_servers)),
};

function inline(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)} = ${inline(inner)}`);
  return `{ ${members.join(", ")} }`;
}

const ours = { command: "node", args: ["dist/main.js"] };

describe.each([
  ["JSON", json],
  ["TOML", toml],
])("an entry of ours in %s", (_, { edit, read, write }) => {
  test.each([
    [{ ...ours, env: { NODE_OPTIONS: "--require ./evil.cjs" } }, 'env: {"NODE_OPTIONS":"--require ./evil.cjs"}'],
    [{ ...ours, env: { KAIZEN_RETENTION_DAYS: "1", PATH: "." } }, "PATH"],
    [{ ...ours, ENV: { A: "b" } }, "ENV"],
    [{ ...ours, envFile: ".env" }, 'envFile: ".env"'],
    [{ ...ours, env_vars: ["NODE_OPTIONS"] }, "env_vars"],
    [{ ...ours, cwd: "/elsewhere" }, 'cwd: "/elsewhere"'],
    [{ ...ours, url: "https://example.org" }, "url"],
    [{ ...ours, type: "http" }, 'type: "http"'],
    [{ ...ours, dev: { debug: {} } }, "dev"],
    [{ ...ours, experimental_environment: "remote" }, "experimental_environment"],
    [{ ...ours, unheard_of: 1 }, "unheard_of: 1"],
    [{ command: "node", args: ["--require", "./evil.cjs", "dist/main.js"] }, "--require; ./evil.cjs"],
    [{ command: "node", args: ["dist/main.js", "--import", "x"] }, "--import; x"],
    [{ command: "node", args: ["dist/main.js", "--root"] }, "--root"],
    [{ command: "npx", args: ["-p", "evil", "kaizen-metrics"] }, "-p; evil"],
    [{ command: "npx", args: ["-y", "kaizen-metrics@npm:evil"] }, "kaizen-metrics@npm:evil"],
    [{ command: "env", args: ["A=b", "node", "dist/main.js"] }, "it starts env A=b node dist/main.js"],
    [{ command: "sh", args: ["-c", "node dist/main.js"] }, "it starts sh -c node dist/main.js"],
    [{ ...ours, env: { A: "\u001b[2J\u202e" } }, 'env: {"A":"\\u001b[2J'],
  ])("that says more than init does is refused and shown, and replaced whole by force: %j", (entry, shown) => {
    const text = write(entry);
    const refused = () => edit.apply(text, add);
    expect(refused).toThrow(EditRefused);
    expect(refused).toThrow(shown);
    expect(refused).not.toThrow(/\p{C}/u);
    const { did, text: after } = edit.apply(text, force);
    expect(did).toBe("updated");
    expect(read(after ?? "")).toEqual({ other: { command: "x" }, "kaizen-metrics": wanted });
    expect(edit.words?.(text)).toEqual([]);
  });

  test.each([
    { type: "stdio" },
    { env: {} },
    { env: { KAIZEN_RETENTION_DAYS: "30", KAIZEN_PROJECT_ROOT: "/x" } },
    { disabled: true, autoApprove: ["get_brief"], alwaysAllow: [] },
    { timeout: 60000, trust: true, includeTools: ["get_brief"] },
    {
      enabled: false,
      startup_timeout_sec: 20,
      tool_timeout_sec: 30,
      tools: { get_brief: { approval_mode: "approve" } },
    },
  ])("with what clients and people switch is brought up to date, and keeps it: %j", (more) => {
    const { did, text } = edit.apply(write({ ...ours, ...more }), add);
    expect(did).toBe("updated");
    expect(read(text ?? "")["kaizen-metrics"]).toEqual({ ...wanted, ...more });
    expect(edit.apply(text, add).did).toBe("nothing");
  });

  test("is taken out also where it says more", () => {
    const { did, text } = edit.apply(write({ ...ours, cwd: "/x" }), { mode: "remove", force: false });
    expect({ did, left: read(text ?? "") }).toEqual({ did: "removed", left: { other: { command: "x" } } });
  });
});

test("the project is not for an environment to name where no flag of ours does", () => {
  const edit = jsonServer({ key: "mcpServers" }, { command: "node", args: [program] });
  expect(() => edit.apply(json.write({ ...ours, env: { KAIZEN_PROJECT_ROOT: "/x" } }), add)).toThrow("/x");
});

test("what is hidden from one reader is not hidden from us", () => {
  const twice = '{"mcpServers":{"kaizen-metrics":{"command":"node","args":["dist/main.js"],"env":{"A":"b"},"env":{}}}}';
  expect(() => json.edit.apply(twice, add)).toThrow('"env" stands there twice');
  const proto = '{"mcpServers":{"kaizen-metrics":{"command":"node","args":["dist/main.js"],"__proto__":{"cwd":"x"}}}}';
  expect(() => json.edit.apply(proto, add)).toThrow("__proto__");
  const quoted =
    '[mcp_servers.kaizen-metrics]\ncommand = "node"\nargs = ["dist/main.js"]\n[mcp_servers."kaizen-metrics".env]\nA = "b"\n';
  expect(() => toml.edit.apply(quoted, add)).toThrow('env: {"A":"b"}');
  expect(toml.read(toml.edit.apply(quoted, force).text ?? "")).toEqual({ "kaizen-metrics": wanted });
});

const hooks = jsonHooks(hookEvents, ({ name }) => ({
  type: "command",
  command: `node ${program} hook ${name}`,
  timeout: 10,
}));
const settings = (...handlers: object[]) => JSON.stringify({ hooks: { SessionStart: [{ hooks: handlers }] } });
const line = (command: string) => ({ type: "command", command });

test.each([
  [line("NODE_OPTIONS='--require ./evil.cjs' kaizen-metrics hook session-start"), "NODE_OPTIONS=--require ./evil.cjs"],
  [line("env A=b node /x/kaizen-metrics/dist/main.js hook session-start"), "env A=b"],
  [line(`sh -c "node /x/kaizen-metrics/dist/main.js hook session-start"`), "sh -c"],
  [line("node --require ./evil.cjs /x/kaizen-metrics/dist/main.js hook session-start"), "--require; ./evil.cjs"],
  [line("kaizen-metrics hook session-start; touch x"), "touch x"],
  [line("kaizen-metrics hook session-start --root . || true"), "||; true"],
  [{ ...line("kaizen-metrics hook session-start"), env: { A: "b" } }, 'env: {"A":"b"}'],
  [{ ...line("kaizen-metrics hook session-start"), windows: "evil" }, 'windows: "evil"'],
  [{ ...line("kaizen-metrics hook session-start"), shell: "powershell" }, "shell"],
  [{ ...line("kaizen-metrics hook session-start"), type: "http" }, 'type: "http"'],
])("a hook of ours that says more than init does is refused and shown, and replaced by force: %j", (handler, shown) => {
  const text = settings(line("echo mine"), handler, line("kaizen-metrics hook session-start"));
  expect(() => hooks.apply(text, add)).toThrow(shown);
  const { SessionStart } = JSON.parse(hooks.apply(text, force).text ?? "").hooks;
  expect(SessionStart).toEqual([
    {
      hooks: [line("echo mine"), { type: "command", command: `node ${program} hook session-start`, timeout: 10 }],
    },
  ]);
});

test("hooks in numbers that init never wrote are refused, and not taken out one by one", () => {
  const many = settings(...Array.from({ length: 3000 }, () => line("kaizen-metrics hook session-start")));
  expect(() => hooks.apply(many, { mode: "remove", force: true })).toThrow("it has 3000 hooks of ours");
});

test("a file that was made to be slow is read, or refused, in no time that anybody notices", () => {
  const size = 250 * 1024;
  const tables = [
    `${"a.".repeat(size / 2)}a = 1\n`,
    `["x${"\t".repeat(size)}x"]\n`,
    `[mcp_servers.kaizen-metrics]\ncommand = "node"\nargs = ["dist/main.js"]\nx = '''${"\n".repeat(size)}x'''\n`,
    `[mcp_servers.kaizen-metrics]\ncommand = "node"\nx = '''\n${"args = [\n".repeat(size / 9)}'''\nargs = ["dist/main.js"]\n`,
    `[mcp_servers.kaizen-metrics]\ncommand = "node"\nx = '''\nargs = [${"#a\n".repeat(size / 3)}'''\nargs = ["dist/main.js"]\n`,
  ];
  const attempts = [
    ...tables.map((text) => () => toml.edit.apply(text, add)),
    ...[
      '"'.repeat(size),
      `"${"\\\\".repeat(size / 4)}`,
      " \t".repeat(size / 2),
      "a'".repeat(size / 2),
      `${"a".repeat(size)}/`,
    ].map((command) => () => hooks.apply(settings(line(command)), add)),
    () => json.edit.apply(`{"mcpServers":{"kaizen-metrics":${"[".repeat(size / 2)}${"]".repeat(size / 2)}}}`, add),
  ];
  // No time is asserted: each of them would not end.
  for (const attempt of attempts) {
    try {
      attempt();
    } catch (error) {
      expect(error).toBeInstanceOf(EditRefused);
    }
  }
});
