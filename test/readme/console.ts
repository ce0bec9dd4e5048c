import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { cleanEnvironment } from "../support/command.ts";
import { withoutProgress } from "../support/progress-lines.ts";
import { bundle } from "../support/server-process.ts";
import { blocks } from "./page.ts";

/** A line that a reader types behind the page's "$ ", and what a terminal shows then. */
export interface Step {
  readonly typed: string;
  readonly shown: string;
}

/** What the page shows of terminals in a text, in order. A line that ends in a backslash goes on in the next. */
export function stepsIn(text: string): Step[] {
  return blocks(text, "console").flatMap((block) =>
    block.split(/^\$ /m).flatMap((part) => {
      const [whole, typed = ""] = /^((?:.*\\\n)*.*)\n/.exec(part) ?? [];
      return whole === undefined ? [] : [{ typed, shown: part.slice(whole.length) }];
    }),
  );
}

/** Puts real places where the page has a reader's. */
export function filledIn(text: string, project: string): string {
  return text
    .replaceAll("/path/to/kaizen-metrics", dirname(dirname(bundle)))
    .replaceAll("/path/to/project", project)
    .replaceAll("$" + "{workspaceFolder}", project);
}

export interface Places {
  /** The project's folder, by its real path: commands are typed there. */
  readonly project: string;
  /** A folder for a home, and for the program under its name. */
  readonly home: string;
}

/** What nothing printed would have in it. */
const BETWEEN = "\u001e";

/** Types the lines one after the other into a shell, with the built program under its name, and shows what came. */
export async function typeAll(steps: readonly Step[], places: Places): Promise<Step[]> {
  const known = whatIsKnown(places.project);
  const script = steps.map(({ typed }) => `printf '\\036'\n${filledIn(typed, places.project)}\n`).join("");
  const printed = await outputOf(`exec 2>&1\n${script}`, places);
  const parts = printed.split(BETWEEN).slice(1);
  return steps.map(({ typed }, index) => ({ typed, shown: asOnPage(parts[index] ?? "", places, known) }));
}

/**
 * The program under its name. A page shows what comes in time, and a busy machine is slower than that: so a hook has ten
 * minutes, and a status line that would come late is asked for again, as its client does.
 */
const wrapper = `#!/bin/sh
kaizen() { "${process.execPath}" "${bundle}" "$@"; }
case $1 in
hook) kaizen "$@" --limit 600000 ;;
statusline)
  input=$(cat)
  while line=$(printf %s "$input" | kaizen "$@" 2>&1); case $line in *"was given up"*) ;; *) false ;; esac; do :; done
  [ -z "$line" ] || printf '%s\\n' "$line" ;;
*) kaizen "$@" ;;
esac
`;

function outputOf(script: string, { home, project }: Places): Promise<string> {
  const folder = join(home, "bin");
  mkdirSync(folder, { recursive: true });
  const program = join(folder, "kaizen-metrics");
  writeFileSync(program, wrapper);
  chmodSync(program, 0o755);
  const env = cleanEnvironment({
    PATH: `${folder}${delimiter}${process.env.PATH}`,
    HOME: home,
    // The page has a date, and nothing of it is to expire.
    KAIZEN_RETENTION_DAYS: "0",
  });
  const child = spawn("sh", ["-c", script], { cwd: project, env, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}

/** Run ids, recommendation ids and instants, as they are printed. */
const volatile = /\b(?:run|rec)_[0-9a-f]{20}\b|\b\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ| \d\d:\d\d\b)/g;

/** What the page has in the place of an id or instant that no two readers see alike. */
const examples: Readonly<Record<string, string>> = { run: "run_5d1f0c83a92e47b6d015", rec: "rec_e07b9a4416c8f23d5b90" };
const NOW = "2026-11-22T10:00:00Z";
const NOW_SHOWN = "2026-11-22 10:00";

/** The ids and instants in a project's files. */
function whatIsKnown(project: string): ReadonlySet<string> {
  const files = readdirSync(project, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
  const found = texts.flatMap((text) => text.match(volatile) ?? []);
  // An instant, and as it is shown.
  return new Set(found.flatMap((word) => [word, word.slice(0, NOW_SHOWN.length).replace("T", " ")]));
}

function asOnPage(text: string, { home, project }: Places, known: ReadonlySet<string>): string {
  return withoutProgress(text)
    .replaceAll(project, "/path/to/project")
    .replaceAll(home, "/path/to/home")
    .replaceAll(dirname(dirname(bundle)), "/path/to/kaizen-metrics")
    .replaceAll(volatile, (word) =>
      known.has(word) ? word : (examples[word.slice(0, 3)] ?? (word.includes("T") ? NOW : NOW_SHOWN)),
    );
}
