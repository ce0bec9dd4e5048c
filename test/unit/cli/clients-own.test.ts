import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Setup } from "../../../src/cli/clients/client.ts";
import { shellWords } from "../../../src/cli/clients/entry/hook-command.ts";
import { shellWord } from "../../../src/cli/clients/entry/launch.ts";
import { doAllOrNothing } from "../../../src/cli/clients/files/all-or-nothing.ts";
import { clients } from "../../../src/cli/clients/index.ts";
import { planFor } from "../../../src/cli/init/plan.ts";
import { retentionFlags } from "../../../src/cli/init/retention.ts";
import { fastTemporaryFolder, temporaryFolder } from "../../support/places.ts";

// What init has written is known again by a later one, wherever the program and the project lie.

/** Names of folders that need quotes, brackets or escapes somewhere. */
const folderName = fc
  .array(
    fc.constantFrom(
      "a",
      "b c",
      "[",
      "]",
      "{",
      "'",
      '"',
      "\\",
      " ",
      "#",
      "=",
      "é",
      "😀",
      "&",
      ";",
      "!",
      "-",
      "--root",
      "%",
      "`",
      "$ ",
      "dist",
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(""))
  .filter((name) => !/\$[{\w]/.test(name));

const launch = fc.oneof(
  folderName.map((name) => ({ kind: "file", path: `/opt/${name}/dist/main.js` }) as const),
  fc.constant({ kind: "local", path: "node_modules/kaizen-metrics/dist/main.js" } as const),
  fc.constant({ kind: "npx", packageSpec: "kaizen-metrics@1.2.3" } as const),
);

const options = fc.record({
  launch,
  retentionDays: fc.constantFrom(undefined, "30", " 7 ", "0.5", "0"),
});

const before: Readonly<Record<string, string>> = {
  ".codex/config.toml": '# mine\n[mcp_servers.docs]\ncommand = "npx"\n\n[tui]\nx = ["]"]\n',
  ".mcp.json": '{\n  "mcpServers": {}\n}\n',
  ".gitattributes": "* text\n",
};

function stateOf(project: string): [string, string][] {
  return readdirSync(project, { recursive: true, encoding: "utf8" })
    .sort()
    .flatMap((name) =>
      statSync(join(project, name)).isFile() ? [[name, readFileSync(join(project, name), "utf8")]] : [],
    );
}

/** Those for which a file is written. */
const written = clients.filter(({ paste }) => paste === undefined);

test.each(written.map(({ name }) => name))(
  "what init writes for %s is its own: the second time changes nothing, another way of starting does, and all goes again",
  (name) => {
    const client = clients.find((known) => known.name === name);
    if (client === undefined) throw new Error(name);
    const place = fastTemporaryFolder();
    fc.assert(
      fc.property(folderName, options, options, fc.boolean(), (folder, first, second, isUsed) => {
        const project = join(place, `x${folder}`);
        mkdirSync(project);
        try {
          for (const [file, text] of isUsed ? Object.entries(before) : []) {
            mkdirSync(dirname(join(project, file)), { recursive: true });
            writeFileSync(join(project, file), text);
          }
          const init = ({ launch: how, retentionDays }: typeof first, mode: "add" | "remove" = "add") => {
            const plain: Setup = { launch: how, project, windows: false, withHooks: true, flags: [] };
            const setup = { ...plain, flags: retentionFlags(client, plain, retentionDays) };
            const plan = planFor([{ client, setup }], setup.project, { mode, force: false });
            doAllOrNothing(plan);
            return plan.some(({ action }) => action !== "keep");
          };
          const untouched = stateOf(project);
          expect(init(first)).toBe(true);
          const written = stateOf(project);
          expect(init(first)).toBe(false);
          // Without a word about it, runs are kept as long as the files say.
          expect(init({ ...first, retentionDays: undefined })).toBe(false);
          const isOther = JSON.stringify(first.launch) !== JSON.stringify(second.launch);
          init(second);
          if (isOther) expect(stateOf(project)).not.toEqual(written);
          expect(init(second)).toBe(false);
          init(first, "remove");
          expect(stateOf(project)).toEqual(untouched);
        } finally {
          rmSync(project, { recursive: true });
        }
      }),
      // An entry in a list of servers is the same for all that have no more.
      { numRuns: client.startsAnywhere ? 5 : 40 },
    );
  },
);

test("a line for a shell is read as what it was written from", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), folderName), { maxLength: 5 }), (words) => {
      expect(shellWords(words.map((word) => shellWord(word, false)).join(" "))).toEqual(words);
    }),
  );
});

test.each(["$(calc)", "$x", "`calc`", "%PATH%", "a!b", 'a"b', "a^b", "a\u201db"])(
  "on Windows a path with %s is refused where a shell would act on it, with what to do, and only there",
  (name) => {
    const path = `C:\\src\\${name}\\dist\\main.js`;
    expect(() => shellWord(path, true)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("--no-hooks") }),
    );
    const of = (clientName: string, withHooks: boolean, mode: "add" | "remove") => {
      const client = clients.find((known) => known.name === clientName);
      if (client === undefined) throw new Error(clientName);
      const setup: Setup = {
        launch: { kind: "file", path },
        project: temporaryFolder(),
        windows: true,
        withHooks,
        flags: [],
      };
      return () => planFor([{ client, setup }], setup.project, { mode, force: false });
    };
    expect(of("gemini", true, "add")).toThrow("which cmd or PowerShell would act on");
    expect(of("gemini", true, "remove")).not.toThrow();
    expect(of("gemini", false, "add")).not.toThrow();
    expect(of("claude-code", true, "add")).toThrow("which cmd or PowerShell would act on");
    expect(of("claude-code", false, "add")).not.toThrow();
  },
);

test("on Windows a word is bare only if cmd, PowerShell and Git Bash leave it whole", () => {
  expect(shellWord("C:\\a\\b-1.2\\main.js", true)).toBe("C:/a/b-1.2/main.js");
  for (const word of ["C:\\a,b", "C:\\a;b", "C:\\a=b", "C:\\a b", "@a", "C:\\a&b", "C:\\a(b)"]) {
    expect(shellWord(word, true)).toBe(`"${word.replaceAll("\\", "/")}"`);
  }
});

test("a project that a client would take a variable in is refused for what is written, and not for what is taken out", () => {
  const project = join(temporaryFolder(), "$HOME");
  mkdirSync(project);
  const codex = clients.find(({ name }) => name === "codex");
  const cursor = clients.find(({ name }) => name === "cursor");
  if (codex === undefined || cursor === undefined) throw new Error("a client is gone");
  const launch = { kind: "file", path: "/opt/kaizen-metrics/dist/main.js" } as const;
  const setup: Setup = { launch, project, windows: false, withHooks: true, flags: [] };
  expect(() => planFor([{ client: codex, setup }], setup.project, { mode: "add", force: false })).toThrow(
    "take for a variable",
  );
  for (const client of [codex, cursor]) {
    expect(() => planFor([{ client, setup }], setup.project, { mode: "remove", force: false })).not.toThrow();
  }
});
