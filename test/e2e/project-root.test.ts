import { mkdirSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tools } from "../../src/mcp/tools/index.ts";
import { temporaryFolder } from "../support/places.ts";
import { startServer } from "../support/server-process.ts";

const record = { agent: "tester", success: true };

test("the rule that chose the project is named on stderr, with the settings that are not the default", async () => {
  const folder = temporaryFolder();
  const byFlag = startServer({ args: ["--root", folder, "--retention-days=0"], env: { KAIZEN_PROJECT_ROOT: "/none" } });
  await byFlag.initialize();
  await byFlag.says(/project .*\n/);
  expect(byFlag.stderr).toBe(`kaizen-metrics: project ${folder} (--root), runs kept for ever (--retention-days)\n`);

  const byVariable = startServer({ env: { KAIZEN_PROJECT_ROOT: folder, CLAUDE_PROJECT_DIR: "/none" } });
  await byVariable.initialize();
  expect(await byVariable.says(/project .*\n/)).toBe(`project ${folder} (KAIZEN_PROJECT_ROOT)\n`);

  const byClaude = startServer({ env: { CLAUDE_PROJECT_DIR: folder } });
  await byClaude.initialize();
  expect(await byClaude.says(/project .*\n/)).toBe(`project ${folder} (CLAUDE_PROJECT_DIR)\n`);
});

test("a client is asked for its roots where nothing else speaks, and calls wait for the answer", async () => {
  const folder = temporaryFolder();
  const server = startServer({ cwd: temporaryFolder() });
  await server.initialize({ roots: {} });
  const question = await server.reply((reply) => reply.method === "roots/list");
  const call = server.callTool("record_execution", record);
  server.send({ id: question.id, result: { roots: [{ uri: `file://${folder}`, name: "project" }] } });
  expect(await call).toMatchObject({ structuredContent: { recorded: true } });
  expect(readdirSync(folder)).toEqual([".kaizen"]);
  expect(server.stderr).toContain(`project ${folder} (a root of the client)`);
  await server.callTool("list_agents");
  expect(server.replies().filter((reply) => reply.method === "roots/list")).toHaveLength(1);
});

test("a client that cannot say its roots is passed over for the folders upwards", async () => {
  const project = temporaryFolder();
  mkdirSync(join(project, ".git"));
  mkdirSync(join(project, "src", "deep"), { recursive: true });
  const server = startServer({ cwd: join(project, "src", "deep") });
  await server.initialize({ roots: {} });
  const question = await server.reply((reply) => reply.method === "roots/list");
  server.send({ id: question.id, error: { code: -32603, message: "no folder is open" } });
  expect(await server.callTool("record_execution", record)).toMatchObject({ structuredContent: { recorded: true } });
  expect(readdirSync(realpathSync(project)).sort()).toEqual([".git", ".kaizen", "src"]);
});

test("a client that does not wait for the answer to initialize keeps its root, and is asked after that answer", async () => {
  const folder = temporaryFolder();
  const other = temporaryFolder();
  mkdirSync(join(other, ".git"));
  const server = startServer({ cwd: other });
  const clientInfo = { name: "test", version: "1" };
  const handshake = [
    { id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: { roots: {} }, clientInfo } },
    { method: "notifications/initialized" },
    { id: 2, method: "tools/call", params: { name: "record_execution", arguments: record } },
  ];
  server.write(handshake.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join(""));
  const question = await server.reply((reply) => reply.method === "roots/list");
  expect(server.replies().map(({ id, method }) => method ?? id)).toEqual([1, "roots/list"]);
  server.send({ id: question.id, result: { roots: [{ uri: `file://${folder}` }] } });
  await server.reply(({ id, method }) => id === 2 && method === undefined);
  expect([readdirSync(folder), readdirSync(other)]).toEqual([[".kaizen"], [".git"]]);
});

/** What a client may answer to `roots/list`, and whether a good root is in it. */
const rootsAnswers: readonly (readonly [string, (good: object) => unknown, boolean])[] = [
  ["an untitled document first", (good) => ({ roots: [{ uri: "untitled:Untitled-1", name: "first" }, good] }), true],
  [
    "folders of other kinds first",
    (good) => ({ roots: [{ uri: "vscode-vfs://github/o/r" }, { uri: "vscode-remote://wsl+ubuntu/home/u" }, good] }),
    true,
  ],
  ["a bare path that is not there first", (good) => ({ roots: [{ uri: "/nonexistent/elsewhere" }, good] }), true],
  ["relative paths first", (good) => ({ roots: [{ uri: "." }, { uri: "src" }, { uri: "" }, good] }), true],
  ["entries that are no roots", (good) => ({ roots: [null, 5, {}, { uri: null }, { uri: 5 }, [], good] }), true],
  ["another machine's folder first", (good) => ({ roots: [{ uri: "file://server/share" }, good] }), true],
  [
    "signs that encode nothing first",
    (good) => ({ roots: [{ uri: "file:///a%ff" }, { uri: "file:///a%00b" }, good] }),
    true,
  ],
  [
    "thirty of no use first",
    (good) => ({ roots: [...Array.from({ length: 30 }, (_, n) => ({ uri: `untitled:${n}` })), good] }),
    true,
  ],
  ["names that are null", (good) => ({ roots: [{ ...good, name: null, _meta: null }] }), true],
  [
    "the same twice, once with a slash",
    (good) => ({ roots: [good, { uri: `${(good as { uri: string }).uri}/` }] }),
    true,
  ],
  ["no list", () => ({ roots: null }), false],
  ["an empty answer", () => ({}), false],
  ["null", () => null, false],
  ["a list without the object around it", () => [], false],
];

test("an answer that also says null for its error is one", async () => {
  const [folder, other] = [temporaryFolder(), temporaryFolder()];
  mkdirSync(join(other, ".git"));
  const server = startServer({ cwd: other });
  await server.initialize({ roots: {} });
  const { id } = await server.reply((reply) => reply.method === "roots/list");
  server.send({ id, result: { roots: [{ uri: `file://${folder}` }] }, error: null });
  await server.callTool("record_execution", record);
  expect([readdirSync(folder), readdirSync(other)]).toEqual([[".kaizen"], [".git"]]);
});

test.for([
  { roots: true },
  { roots: { listChanged: true }, sampling: true, elicitation: false, tasks: false },
  { roots: {}, experimental: { channel: true, other: false }, extensions: { "x/y": true } },
])(
  "a client that writes true or false for a capability is answered, and asked for its roots: %j",
  async (capabilities) => {
    const folder = temporaryFolder();
    const server = startServer({ cwd: temporaryFolder() });
    await server.initialize(capabilities);
    const question = await server.reply((reply) => reply.method === "roots/list");
    server.send({ id: question.id, result: { roots: [{ uri: `file://${folder}` }] } });
    expect(await server.callTool("record_execution", record)).toMatchObject({ structuredContent: { recorded: true } });
    expect(readdirSync(folder)).toEqual([".kaizen"]);
  },
);

test("a client that has no roots, and says so by false, is not asked", async () => {
  const project = temporaryFolder();
  mkdirSync(join(project, ".git"));
  const server = startServer({ cwd: project });
  await server.initialize({ roots: false });
  expect(await server.callTool("record_execution", record)).toMatchObject({ structuredContent: { recorded: true } });
  expect(server.replies().filter((reply) => reply.method !== undefined)).toEqual([]);
});

test.for([
  ["without a uri", (n: number) => ({ url: `file:///none/${n}` })],
  ["that are not there", (n: number) => ({ uri: `file:///none/${n}` })],
] as const)("of 900 roots %s a few are told, and that there are more", async ([, root]) => {
  const server = startServer({ cwd: temporaryFolder() });
  await server.initialize({ roots: {} });
  const question = await server.reply((reply) => reply.method === "roots/list");
  server.send({ id: question.id, result: { roots: Array.from({ length: 900 }, (_, n) => root(n)) } });
  const refused = JSON.stringify(await server.callTool("record_execution", record));
  expect(refused).toContain("NO_PROJECT");
  expect(`${server.stderr} ${refused}`).toContain("895 more of ");
  expect(server.stderr.length + refused.length).toBeLessThan(5_000);
});

test.for(["", "home", "."])("a HOME of %j is no folder, and makes no home of the project", async (HOME) => {
  const project = temporaryFolder();
  mkdirSync(join(project, "home", ".git"), { recursive: true });
  const cwd = HOME === "home" ? project : join(project, "home");
  mkdirSync(join(cwd, ".git"), { recursive: true });
  const server = startServer({ cwd, env: { HOME } });
  await server.initialize();
  expect(await server.callTool("record_execution", record)).toMatchObject({ structuredContent: { recorded: true } });
  expect(readdirSync(cwd)).toContain(".kaizen");
});

test.for(rootsAnswers)("of a client's roots, %s: one does not speak for the others", async ([, answer, hasGood]) => {
  const folder = temporaryFolder();
  const other = temporaryFolder();
  mkdirSync(join(other, ".git"));
  const server = startServer({ cwd: other });
  await server.initialize({ roots: {} });
  const question = await server.reply((reply) => reply.method === "roots/list");
  server.send({ id: question.id, result: answer({ uri: `file://${folder}`, name: "good" }) });
  await server.callTool("record_execution", record);
  expect([readdirSync(folder), readdirSync(other).sort()]).toEqual(
    hasGood ? [[".kaizen"], [".git"]] : [[], [".git", ".kaizen"]],
  );
});

test.for([
  ["the home folder", {}],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what some clients send
  ["a variable that the client left as it is", { CLAUDE_PROJECT_DIR: "${workspaceFolder}" }],
  ["a folder that is not there", { KAIZEN_PROJECT_ROOT: "/no/such/folder" }],
] as const)("%s is no project: the server starts, and each call says what to do", async ([, env]) => {
  const home = temporaryFolder();
  mkdirSync(join(home, ".git"));
  // What was compiled of the program would be kept below the home folder.
  const ofHome = { HOME: home, USERPROFILE: home, NODE_DISABLE_COMPILE_CACHE: "1" };
  const server = startServer({ cwd: home, env: { ...ofHome, ...env } });
  await server.initialize();
  expect((await server.request("tools/list")).result?.tools).toHaveLength(tools.length);
  expect(await server.callTool("record_execution", record)).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/^NO_PROJECT: .* Give --root with /) }],
  });
  expect(readdirSync(home)).toEqual([".git"]);
});
