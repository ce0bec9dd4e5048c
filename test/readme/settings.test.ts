import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { allCommands, serve } from "../../src/cli/commands/index.ts";
import { commandHelp } from "../../src/cli/frame/help.ts";
import { parseArguments } from "../../src/cli/frame/parse-arguments.ts";
import { plainStyle } from "../../src/cli/terminal/style.ts";
import { readSettings } from "../../src/config.ts";
import { DEFAULT_RETENTION_DAYS } from "../../src/domain/run/retention.ts";
import { findProjectRoot, type Machine } from "../../src/project-root.ts";
import { chapter, codesIn, table } from "./page.ts";

const commands = await allCommands();

const settings = chapter("Settings");
const rows = table(settings, "flag");

const helpText = `${commandHelp(serve, plainStyle)} --version`;

/** What the program makes of a line without a command, and of the environment. */
function settingsOf(args: readonly string[], environment: Record<string, string>) {
  const parsed = parseArguments(args, { commands, defaultCommand: serve, isInteractive: false });
  return parsed.kind === "command" ? readSettings(parsed, environment) : undefined;
}

function rootOf(args: readonly string[], environment: Record<string, string>) {
  return settingsOf(args, environment)?.root;
}

test("the table of settings has every flag and variable that --help names", () => {
  const flags = rows.flatMap(([flag = ""]) => codesIn(flag).map((code) => code.split(" ")[0]));
  expect(new Set(flags)).toEqual(new Set(helpText.match(/--[a-z-]+/g)));
  const variables = rows.flatMap(([, variable = ""]) => codesIn(variable));
  expect(new Set(variables)).toEqual(new Set(helpText.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g)));
});

test("every flag and variable of the table is one that the program reads", () => {
  for (const [flag = "", variables = ""] of rows) {
    const [name = "", value] = (codesIn(flag)[0] ?? "").split(" ");
    const given = value === undefined ? [name] : [name, "7"];
    expect(() => settingsOf(given, {})).not.toThrow();
    for (const variable of codesIn(variables)) {
      expect(settingsOf([], { [variable]: "7" })).not.toEqual(settingsOf([], {}));
    }
  }
});

test("the table of variables that others have agreed on has each one that the program reads", () => {
  const source = fileURLToPath(new URL("../../src", import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  const code = files.map((path) => readFileSync(join(source, path), "utf8")).join("\n");
  const prefixed = [...code.matchAll(/\bsetting\("([A-Z]+)"\)/g)].map((match) => `OTEL_EXPORTER_OTLP_${match[1]}`);
  const agreed =
    /\b(?:KAIZEN_EVIDENCE|KAIZEN_STORE_PASSWORD_FILE|PGPASSWORD|CLAUDE_CONFIG_DIR|NO_COLOR|FORCE_COLOR|TERM|NODE_DISABLE_COMPILE_CACHE|OTEL_(?!EXPORTER_OTLP_TRACES_)[A-Z]+(?:_[A-Z]+)*)\b/g;
  const read = code.match(agreed) ?? [];
  const listed = table(settings, "variable").flatMap(([variable = ""]) => codesIn(variable));
  expect(new Set(listed)).toEqual(new Set([...read, ...prefixed]));
});

test("the default retention is the one of the code", () => {
  expect(rows.find(([flag]) => flag?.includes("--retention-days"))?.[2]).toContain(`${DEFAULT_RETENTION_DAYS} days`);
});

test("the rules that find the project come in the order of the list, under the names that stderr shows", async () => {
  const listed = [...settings.matchAll(/^\d\. `([^`]+)`/gm)].map((match) => match[1]);
  // Everything speaks at first; then one rule after the other falls silent.
  const args = ["--root", "/flag"];
  const environment: Record<string, string> = { KAIZEN_PROJECT_ROOT: "/kaizen", CLAUDE_PROJECT_DIR: "/claude" };
  let clientRoots = ["file:///client"];
  const markers = new Set(["/projects/app/.kaizen", "/projects/app/.git"]);
  const machine: Machine = {
    windows: false,
    workingDirectory: "/projects/app/below",
    home: "/home/me",
    kindOf: (path) => (!/\.(kaizen|git)$/.test(path) || markers.has(path) ? "folder" : "missing"),
    realPath: (path) => path,
  };
  const silence: readonly (() => void)[] = [
    () => args.splice(0),
    () => delete environment.KAIZEN_PROJECT_ROOT,
    () => delete environment.CLAUDE_PROJECT_DIR,
    () => {
      clientRoots = [];
    },
    () => markers.delete("/projects/app/.kaizen"),
    () => markers.delete("/projects/app/.git"),
  ];
  const rules: string[] = [];
  for (const next of silence) {
    rules.push((await findProjectRoot(rootOf(args, environment), machine, async () => clientRoots)).rule);
    next();
  }
  expect(rules).toEqual(listed);
  await expect(findProjectRoot(rootOf(args, environment), machine, async () => clientRoots)).rejects.toMatchObject({
    code: "NO_PROJECT",
  });
});
