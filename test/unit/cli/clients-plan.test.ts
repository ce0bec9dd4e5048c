import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type ParseError, parse } from "jsonc-parser";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Setup } from "../../../src/cli/clients/client.ts";
import { doAllOrNothing } from "../../../src/cli/clients/files/all-or-nothing.ts";
import { clients } from "../../../src/cli/clients/index.ts";
import { type PlannedFile, planFor } from "../../../src/cli/init/plan.ts";
import { retentionFlags } from "../../../src/cli/init/retention.ts";
import { temporaryFolder } from "../../support/places.ts";
import { mountSmallDisk } from "../../support/small-disk.ts";

const PROGRAM = "/opt/kaizen-metrics/dist/main.js";

interface Call {
  /** Whether git is to share the runs, so that a file of the project is written too. */
  readonly share?: boolean;
  readonly remove?: true;
  readonly force?: true;
  readonly noHooks?: true;
  readonly retentionDays?: string;
}

/** What init does, but for the process around it. */
function initialise(
  project: string,
  name: string,
  { force, noHooks, remove, retentionDays, share = true }: Call = {},
): PlannedFile[] {
  const client = clients.find((known) => known.name === name);
  if (client === undefined) throw new Error(name);
  const plain: Setup = {
    launch: { kind: "file", path: PROGRAM },
    project,
    windows: false,
    withHooks: noHooks !== true,
    flags: [],
  };
  const setup = { ...plain, flags: retentionFlags(client, plain, retentionDays) };
  const plan = planFor([{ client, setup }], setup.project, {
    mode: remove === true ? "remove" : "add",
    force: force === true,
    share,
  });
  doAllOrNothing(plan);
  return plan;
}

function put(project: string, file: string, content: string | Buffer): string {
  const path = join(project, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function didOf(plan: readonly PlannedFile[], file: string): unknown {
  return plan.find((planned) => planned.file === file)?.parts.map(({ did }) => did);
}

describe("a file that cannot be changed safely", () => {
  test.each([
    ["claude-code", ".mcp.json", '{\n  "mcpServers": {\n    "a": {},,\n  }\n}\n', /line 3, column 13/],
    ["claude-code", ".claude/settings.json", '{ "hooks": "none" }', /"hooks" is of type string/],
    ["claude-code", ".claude/settings.json", '{ "hooks": { "SubagentStop": {} } }', /"hooks.SubagentStop" is of type/],
    ["codex", ".codex/config.toml", "model = \n", /line 1/],
    ["cursor", ".cursor/mcp.json", '{ "mcpServers": { "kaizen-metrics": { "url": "x:y" } } }', /it starts x:y/],
    ["vscode", ".vscode/mcp.json", Buffer.from('\uFEFF{ "servers": {} }', "utf16le"), /not UTF-8/],
  ])("of %s (%s) is refused, and no file is touched: %#", (client, file, content, message) => {
    const project = temporaryFolder();
    const path = put(project, file, content);
    for (const call of [{}, { noHooks: true } as const]) {
      if (call.noHooks && file === ".claude/settings.json") continue;
      expect(() => initialise(project, client, call)).toThrow(message);
    }
    expect(readFileSync(path)).toEqual(Buffer.from(content));
    expect(readdirSync(project)).toHaveLength(1);
  });

  test("because of the form of its servers is told how to write them, and then it can be", () => {
    const project = temporaryFolder();
    const path = put(project, ".codex/config.toml", 'mcp_servers = { docs = { command = "npx" } }\n');
    const hint = "Write each server as a table of its own, [mcp_servers.NAME]";
    expect(() => initialise(project, "codex")).toThrow(
      expect.objectContaining({ hint: expect.stringContaining(hint) }),
    );
    writeFileSync(path, '[mcp_servers.docs]\ncommand = "npx"\n');
    expect(didOf(initialise(project, "codex"), ".codex/config.toml")).toEqual(["added"]);
  });

  test("because a server of our name is not ours is left by a removal, and replaced only by force", () => {
    const project = temporaryFolder();
    const theirs = '{ "mcpServers": { "kaizen-metrics": { "command": "uvx", "args": ["kaizen-metrics"] } } }';
    const path = put(project, ".mcp.json", theirs);
    expect(() => initialise(project, "claude-code")).toThrow("it starts uvx kaizen-metrics");
    expect(didOf(initialise(project, "claude-code", { remove: true }), ".mcp.json")).toEqual(["left"]);
    expect(readFileSync(path, "utf8")).toBe(theirs);
    initialise(project, "claude-code", { force: true });
    expect(readFileSync(path, "utf8")).toBe(
      `{ "mcpServers": { "kaizen-metrics": { "command": "node", "args": ["${PROGRAM}"] } } }`,
    );
  });

  test.each([
    ["a link that leads nowhere", (path: string) => symlinkSync("/nowhere/at/all", path)],
    ["a folder", (path: string) => mkdirSync(path)],
  ])("because there is %s is refused", (_, place) => {
    const project = temporaryFolder();
    place(join(project, ".mcp.json"));
    expect(() => initialise(project, "claude-code")).toThrow(expect.objectContaining({ code: "UNSAFE_PATH" }));
    expect(readdirSync(project)).toEqual([".mcp.json"]);
  });

  test("because somebody else has changed it meanwhile is left to them", () => {
    const project = temporaryFolder();
    const path = put(project, ".mcp.json", "{}\n");
    const [client] = clients;
    if (client === undefined) throw new Error("there are no clients");
    const launch = { kind: "file", path: PROGRAM } as const;
    const setup: Setup = { launch, project, windows: false, withHooks: false, flags: [] };
    const [file] = planFor([{ client, setup }], setup.project, { mode: "add", force: false });
    writeFileSync(path, '{ "mine": 1 }\n');
    expect(() => file?.carryOut()).toThrow("was changed by another program");
    expect(readFileSync(path, "utf8")).toBe('{ "mine": 1 }\n');
    expect(readdirSync(project)).toEqual([".mcp.json"]);
  });
});

/** Everything below a project with its content and mode; a folder as what it is. */
function stateOf(project: string): [string, unknown, number][] {
  return readdirSync(project, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const stats = statSync(join(project, name));
      return [name, stats.isDirectory() ? "folder" : readFileSync(join(project, name)), stats.mode];
    });
}

describe("a second file that cannot be written leaves the first as it was", () => {
  const before = '{ "mcpServers": { } }\r\n';

  test("because a link that leads nowhere stands in the place of its folder", () => {
    const project = temporaryFolder();
    symlinkSync("/nowhere/at/all", join(project, ".claude"));
    const path = put(project, ".mcp.json", before);
    expect(() => initialise(project, "claude-code")).toThrow(/is in the place of a folder.*No file was changed\.$/);
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(readdirSync(project).sort()).toEqual([".claude", ".mcp.json"]);
  });

  test("because the writing fails, when nothing had shown that before", () => {
    const project = temporaryFolder();
    chmodSync(put(project, ".mcp.json", before), 0o642);
    mkdirSync(join(project, ".claude", `settings.json.kaizen-${process.pid}.tmp`), { recursive: true });
    const state = stateOf(project);
    const failure = /settings\.json could not be written \(EEXIST\)\. What had been changed before that was put back/;
    expect(() => initialise(project, "claude-code")).toThrow(failure);
    expect(stateOf(project)).toEqual(state);
  });

  test("and so it is with a removal, and with what was made or deleted", () => {
    const project = temporaryFolder();
    mkdirSync(join(project, `.gitattributes.kaizen-${process.pid}.tmp`));
    const empty = stateOf(project);
    expect(() => initialise(project, "claude-code")).toThrow("put back as it was");
    expect(stateOf(project)).toEqual(empty);

    rmdirSync(join(project, `.gitattributes.kaizen-${process.pid}.tmp`));
    initialise(project, "claude-code");
    appendFileSync(join(project, ".gitattributes"), "* text\n");
    mkdirSync(join(project, `.gitattributes.kaizen-${process.pid}.tmp`));
    const there = stateOf(project);
    expect(() => initialise(project, "claude-code", { remove: true })).toThrow("put back as it was");
    expect(stateOf(project)).toEqual(there);
  });

  const probe = mountSmallDisk(64);
  probe?.remove();
  test.skipIf(probe === undefined)("because its disk is read-only, or full", () => {
    const project = temporaryFolder();
    put(project, ".mcp.json", before);
    const disk = mountSmallDisk(64, join(project, ".claude"));
    if (disk === undefined) throw new Error("a disk could be mounted a moment ago");
    onTestFinished(() => disk.remove());
    put(disk.path, "settings.json", "{}\n");
    const state = stateOf(project);
    disk.remount("ro");
    expect(() => initialise(project, "claude-code")).toThrow(/\(EROFS\)\. No file was changed\.$/);
    expect(stateOf(project)).toEqual(state);

    disk.remount("rw");
    expect(() => writeFileSync(join(disk.path, "full"), Buffer.alloc(128 * 1024))).toThrow("ENOSPC");
    const full = stateOf(project);
    expect(() => initialise(project, "claude-code")).toThrow(/\(ENOSPC\)\. What had been changed before/);
    expect(stateOf(project)).toEqual(full);
    expect(readdirSync(disk.path).sort()).toEqual(["full", "settings.json"]);
  });
});

test("hooks of an earlier place are brought up to date in their group, and go with it", () => {
  const project = temporaryFolder();
  const handler = (command: string) => `{ "type": "command", "command": ${JSON.stringify(command)} }`;
  const settings = (ours: string) =>
    `{ "hooks": { "SubagentStart": [{ "matcher": "reviewer", "hooks": [${handler("echo mine")}${ours}] }] } }`;
  const old = handler('"/usr/bin/node" "/gone now/dist/main.js" hook subagent-start');
  const path = put(project, ".claude/settings.json", settings(`, ${old}`));
  initialise(project, "claude-code");
  const { hooks } = parse(readFileSync(path, "utf8"));
  expect(hooks.SubagentStart).toEqual([
    {
      matcher: "reviewer",
      hooks: [
        { type: "command", command: "echo mine" },
        { type: "command", command: `node ${PROGRAM} hook subagent-start`, timeout: 10 },
      ],
    },
  ]);
  expect(hooks.SubagentStop).toHaveLength(1);
  initialise(project, "claude-code", { remove: true });
  expect(readFileSync(path, "utf8")).toBe(settings(""));
});

test("a group that has only our hook goes with it, whatever a person has put beside", () => {
  const project = temporaryFolder();
  initialise(project, "claude-code");
  const path = join(project, ".claude/settings.json");
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace('"hooks": [\n          {', '"matcher": "startup",\n        $&'),
  );
  expect(parse(readFileSync(path, "utf8")).hooks.SessionStart[0].matcher).toBe("startup");
  expect(didOf(initialise(project, "claude-code"), ".claude/settings.json")).toEqual(["nothing"]);
  initialise(project, "claude-code", { remove: true });
  expect(readdirSync(project)).toEqual([]);
});

test("without hooks the hooks are left alone, also those that are there", () => {
  const project = temporaryFolder();
  initialise(project, "claude-code", { noHooks: true });
  expect(readdirSync(project).sort()).toEqual([".gitattributes", ".mcp.json"]);
  initialise(project, "claude-code");
  initialise(project, "claude-code", { remove: true, noHooks: true });
  expect(readdirSync(project)).toEqual([".claude"]);
});

test.each(clients.map(({ name }) => name))(
  "how long runs are kept is the same for the server and every hook of %s, and stays so",
  (name) => {
    const project = temporaryFolder();
    const text = () =>
      stateOf(project)
        .map(([file, content]) => `${file}\n${content}`)
        .join("\n");
    const days = () => [...text().matchAll(/--retention-days"?,? "?(\d+)/g)].map(([, number]) => number);
    initialise(project, name);
    expect(days()).toEqual([]);
    const starts = text().split(PROGRAM).length - 1;
    initialise(project, name, { retentionDays: "30" });
    expect(days()).toEqual(Array(starts).fill("30"));
    expect(initialise(project, name).every(({ action }) => action === "keep")).toBe(true);
    expect(days()).toEqual(Array(starts).fill("30"));
    initialise(project, name, { retentionDays: "0" });
    expect(days()).toEqual(Array(starts).fill("0"));
    initialise(project, name, { remove: true });
    expect(readdirSync(project)).toEqual([]);
  },
);

test("what belongs to the project stays as long as another client is connected", () => {
  const project = temporaryFolder();
  initialise(project, "claude-code");
  initialise(project, "codex");
  expect(didOf(initialise(project, "claude-code", { remove: true }), ".gitattributes")).toEqual(["left"]);
  expect(readdirSync(project).sort()).toEqual([".codex", ".gitattributes"]);
  initialise(project, "codex", { remove: true });
  expect(readdirSync(project)).toEqual([]);
});

test("every client's way of starting the program is recognised as ours, on every system", () => {
  const launches = [
    { windows: true, launch: { kind: "file", path: "C:\\Program Files\\kaizen\\dist\\main.js" } },
    { windows: true, launch: { kind: "npx", packageSpec: "kaizen-metrics@1.2.3" } },
    { windows: false, launch: { kind: "file", path: '/opt/it\'s "kaizen"/dist/main.js' } },
    { windows: false, launch: { kind: "local", path: "node_modules/kaizen-metrics/dist/main.js" } },
    { windows: false, launch: { kind: "npx", packageSpec: "kaizen-metrics@1.2.3" } },
  ] as const;
  for (const client of clients) {
    for (const how of launches) {
      const setup = { ...how, project: "/home/a b", withHooks: true, flags: ["--retention-days", "30"] };
      for (const edit of client.parts(setup).flatMap(({ edits }) => edits)) {
        const { text } = edit.apply(undefined, { mode: "add", force: false });
        expect(edit.apply(text, { mode: "add", force: false })).toEqual({ text, did: "nothing" });
        expect(edit.apply(text, { mode: "remove", force: false })).toEqual({ text: undefined, did: "removed" });
      }
    }
  }
});

test.each([
  ["the only one", '{\n  "mcpServers": {\n    // ours\n    OURS }\n}\n', {}],
  [
    "the last one",
    '{\n  "mcpServers": {\n    "other": { "command": "x" }, // note\n    OURS }\n}\n',
    { other: { command: "x" } },
  ],
])("a comment before our entry, which is %s, swallows nothing of what follows", (_, form, left) => {
  const project = temporaryFolder();
  const ours = `"kaizen-metrics": { "command": "node", "args": ["${PROGRAM}"] }`;
  const path = put(project, ".mcp.json", form.replace("OURS", ours));
  initialise(project, "claude-code", { remove: true });
  const errors: ParseError[] = [];
  expect(parse(readFileSync(path, "utf8"), errors)).toEqual({ mcpServers: left });
  expect(errors).toEqual([]);
});

test("a hook of another program is its own, also where its file and its words are like ours", () => {
  const project = temporaryFolder();
  const theirs =
    '{"hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"node /opt/other/dist/main.js hook session-start -v"}]}]}}\n';
  const path = put(project, ".claude/settings.json", theirs);
  initialise(project, "claude-code");
  expect(readFileSync(path, "utf8")).toContain("/opt/other/dist/main.js hook session-start -v");
  initialise(project, "claude-code", { remove: true });
  expect(readFileSync(path, "utf8")).toBe(theirs);
});
