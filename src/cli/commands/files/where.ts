import { join } from "node:path";
import { rootSettings } from "../../../config.ts";
import { plainLine } from "../../../domain/text/plain-text.ts";
import { KaizenError, withHint } from "../../../errors.ts";
import { everyRule, type ProjectRoot, type RuleAnswer } from "../../../project-root.ts";
import { type CommandContext, defineCommand } from "../../frame/define-command.ts";
import { exitCodeOf } from "../../frame/failure.ts";
import { filesBelow, type StoredFile, type Unread } from "../../reports/stored-files.ts";
import { trustFigures, trustWords } from "../../reports/trust-text.ts";
import { whereStore } from "../../team/where-store.ts";
import type { Style } from "../../terminal/style.ts";
import { type Column, fields, table } from "../../terminal/table.ts";

export const where = defineCommand({
  name: "where",
  group: "files",
  summary: "The project's folder and store, what chose them, and what is there",
  details: [
    `The rules are those of the server, but for the folders that a client has open: only the server can ask for them,
between CLAUDE_PROJECT_DIR and the nearest folder upwards. Where no rule finds a project, the exit status is 1, or 2 where --root names none.`,
  ],
  flags: {},
  withoutRetention: true,
  positionals: {},
  examples: [
    ["kaizen-metrics where", "Is this the project that I mean?"],
    ["cd $(kaizen-metrics where --json | jq -r .path)", "Go there"],
  ],
  async run(_, context) {
    const rules = everyRule(rootSettings(context.root, context.environment), context.machine);
    const project = await chosen(context);
    if (project instanceof KaizenError) {
      const problem = withHint(project);
      return {
        value: { path: null, rule: null, problem, rules },
        text: (style) => `${problem}\n\n${rulesTable(rules, undefined, style)}`,
        exitCode: exitCodeOf(project, context),
      };
    }
    const folder = join(project.path, ".kaizen");
    const step = (done: number) => context.progress.step("files looked at", done);
    const found = filesBelow(folder, step);
    const inProject = <T extends { path: string }>(one: T): T => ({ ...one, path: `.kaizen/${one.path}` });
    const files = found.files.map(inProject);
    const unread = found.unread.map(inProject);
    const trust = (await context.trust()).state();
    const store = await whereStore(context);
    return {
      value: {
        path: project.path,
        rule: project.rule,
        metrics: join(folder, "metrics"),
        trust: trustFigures(trust),
        store: store.value,
        files,
        unread,
        rules,
      },
      text: (style) =>
        [
          fields(
            [
              ["Project", style.bold(shownPath(project.path))],
              ["Chosen by", project.rule],
              // A team's store is confirmed, and not trusted with what is in it.
              ["Trust", store.isTeam ? "" : style.withTimes(trustWords(trust))],
              ...store.rows,
            ],
            style,
          ),
          ...(store.isTeam ? [store.tables(style)] : []),
          ...(files.length > 0 ? [filesTable(files, style)] : []),
          ...(unread.length > 0 ? [unreadLines(unread, style)] : []),
          ...(store.isTeam || files.length + unread.length > 0
            ? []
            : [`${shownPath(folder)} has no files yet; the first recorded run makes them.\n`]),
          rulesTable(rules, project, style),
        ].join("\n"),
    };
  },
});

/** A path on one line, whatever characters a folder's name has; --json has it as it is. */
function shownPath(path: string): string {
  return plainLine(path, 4_000);
}

/** The project, or why there is none: that is an answer here. */
async function chosen(context: CommandContext): Promise<ProjectRoot | KaizenError> {
  try {
    return await context.project();
  } catch (error) {
    if (error instanceof KaizenError && error.code === "NO_PROJECT") return error;
    throw error;
  }
}

const fileColumns: readonly Column[] = [
  { title: "file", flexible: true },
  { title: "bytes", align: "right" },
  { title: "lines", align: "right" },
];

function filesTable(files: readonly StoredFile[], style: Style): string {
  const rows = files.map(({ bytes, lines, path }) => [path, String(bytes), lines === null ? "" : String(lines)]);
  return table(fileColumns, rows, style);
}

function unreadLines(unread: readonly Unread[], style: Style): string {
  const lines = unread.map(({ path, problem }) => `  ${plainLine(path, 300)} (${problem})\n`);
  return `${style.warning("Not looked at")}\n${lines.join("")}`;
}

const ruleColumns: readonly Column[] = [
  { title: "" },
  { title: "rule", flexible: true },
  { title: "chooses", flexible: true, below: true },
];

function rulesTable(rules: readonly RuleAnswer[], project: ProjectRoot | undefined, style: Style): string {
  const rows = rules.map(({ path, problem, rule }) => [
    rule === project?.rule ? "*" : "",
    rule,
    path ?? problem ?? "nothing",
  ]);
  return table(ruleColumns, rows, style);
}
