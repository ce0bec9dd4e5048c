import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { printable } from "../../domain/text/plain-text.ts";
import { KaizenError } from "../../errors.ts";
import type { TeamStore } from "../../team/team-store.ts";
import { doAllOrNothing } from "../clients/files/all-or-nothing.ts";
import { wholeFile } from "../clients/files/whole-file.ts";
import type { CommandContext, Outcome } from "../frame/define-command.ts";
import { usageError } from "../frame/parse-arguments.ts";
import { gitPartsOfStore } from "../init/git-parts.ts";
import { type PlannedFile, planPart } from "../init/plan.ts";
import { asValue, coloured, fileLines } from "../init/plan-lines.ts";
import type { Style } from "../terminal/style.ts";
import { readTeam, teamStores } from "./team.ts";

const self = { name: "init" };

export interface StoreFlags {
  readonly project?: string | undefined;
  readonly "print-sql"?: boolean | undefined;
  readonly "dry-run"?: boolean | undefined;
  readonly remove?: boolean | undefined;
  readonly force?: boolean | undefined;
}

const known: readonly string[] = ["project", "print-sql", "dry-run", "remove", "force"];

/** Begins a team's store for a project, or takes the project out of it again. What is typed is confirmed by that. */
export async function initStore(flags: StoreFlags, project: string, context: CommandContext): Promise<Outcome> {
  const other = Object.entries(flags).find(([name, value]) => value !== undefined && !known.includes(name));
  if (other !== undefined) throw usageError(`--${other[0]} goes with --client, and not with --store.`, self);
  if (context.retentionDays !== undefined) throw usageError("--retention-days goes with --client.", self);
  const modes = (["print-sql", "dry-run", "remove"] as const).filter((name) => flags[name] === true);
  if (modes.includes("print-sql") && modes.length > 1) throw usageError("--print-sql goes alone.", self);
  const marker = await markerOf(project, flags);
  const { address, project: named } = context.storeSettings;
  if (address === undefined) throw usageError("--store names no address.", self);
  const name = flags.project ?? named?.value ?? marker;
  if (name === undefined) {
    throw usageError("--store needs --project: the name under which the team's store knows this project.", self);
  }
  const chosen = { source: flags.project === undefined ? (named?.source ?? "the marker") : "--project", value: name };
  const team = await readTeam({ kind: "team", address, project: chosen }, context);
  const { sqlFor } = await teamStores();
  if (flags["print-sql"] === true) {
    const sql = sqlFor(team);
    return { value: { store: team.shown, sql }, text: () => sql };
  }
  const isRemoval = flags.remove === true;
  const isDryRun = flags["dry-run"] === true;
  const plan = await planOf(team, project, { isRemoval, force: flags.force === true, home: context.machine.home });
  const before = isRemoval ? undefined : await versionAt(team);
  let hasRoles = true;
  if (!isDryRun) {
    if (!isRemoval) hasRoles = await makeTables(team, before);
    doAllOrNothing(plan);
    const trust = await context.storeTrust();
    if (isRemoval) trust.forget();
    else trust.confirm(team.toConfirm);
  }
  const report = { team, plan, isRemoval, isDryRun, before, hasRoles, hasRuns: hasRuns(project) };
  return { value: figuresOf(report), text: (style) => textOf(report, style) };
}

/** The name in a marker that is there; one that cannot be read is replaced by --force only. */
async function markerOf(project: string, { force }: StoreFlags): Promise<string | undefined> {
  try {
    return (await teamStores()).readMarker(project)?.project;
  } catch (error) {
    if (error instanceof KaizenError && error.code === "NO_STORE" && force === true) return undefined;
    throw error;
  }
}

async function planOf(
  { project: name }: TeamStore,
  project: string,
  { force, home, isRemoval }: { isRemoval: boolean; force: boolean; home: string | undefined },
): Promise<PlannedFile[]> {
  const { MARKER, markerText } = await teamStores();
  const mode = isRemoval ? "remove" : "add";
  const marker = { file: MARKER, edits: [wholeFile("marker of the team's store", markerText(name))] };
  return [marker, ...gitPartsOfStore(project, mode, home)].map((part) => planPart(part, project, { mode, force }));
}

/** The version of the tables; `undefined` if there are none. */
async function versionAt(team: TeamStore): Promise<number | undefined> {
  return (await (await teamStores()).lookAt(team)).versions.schema;
}

/**
 * Makes the tables, and the roles if this user may; gives whether these are there with their rights. Who connects as a role
 * that may make nothing can still join a store that is there.
 */
async function makeTables(team: TeamStore, before: number | undefined): Promise<boolean> {
  const { NEEDED_VERSION, upgradeTables } = await teamStores();
  if ((before ?? 0) >= NEEDED_VERSION) return true;
  try {
    return (await upgradeTables(team)).hasRoles;
  } catch (error) {
    if (!(error instanceof KaizenError) || error.code !== "READ_ONLY") throw error;
    throw new KaizenError("READ_ONLY", `${team.address.user} may not make the tables in ${team.address.database}.`, {
      hint: "Hand what init --print-sql prints to who looks after the database, and try again when it is done.",
    });
  }
}

/** Whether runs stand in the project's folder: they are not in the team's store by that. */
function hasRuns(project: string): boolean {
  const folder = join(project, ".kaizen", "metrics");
  return existsSync(folder) && readdirSync(folder).some((name) => !name.startsWith("."));
}

interface Report {
  readonly team: TeamStore;
  readonly plan: readonly PlannedFile[];
  readonly isRemoval: boolean;
  readonly isDryRun: boolean;
  readonly before: number | undefined;
  /** The roles have their rights, as far as this was looked at. */
  readonly hasRoles: boolean;
  readonly hasRuns: boolean;
}

function figuresOf({ before, hasRoles, hasRuns: stays, isDryRun, isRemoval, plan, team }: Report): unknown {
  return {
    store: team.shown,
    project: team.project,
    dry_run: isDryRun,
    removed: isRemoval,
    tables: isRemoval ? null : before === undefined ? "made" : "there",
    ...(hasRoles ? {} : { roles: false }),
    files: plan.map((one) => ({ ...asValue(one), ...(isDryRun ? { diff: one.diff } : {}) })),
    runs_in_folder: stays,
  };
}

function textOf(report: Report, style: Style): string {
  const { before, isDryRun, isRemoval, plan, team } = report;
  const heading = `${style.bold("Team's store")} ${printable(team.shown)}${isDryRun ? " (dry run: nothing is written)" : ""}\n`;
  const diffs = isDryRun ? plan.map(({ diff }) => coloured(diff, style)).join("") : "";
  const made = before === undefined ? `the tables ${isDryRun ? "would be" : "were"} made` : "the tables are there";
  const tables = isRemoval ? "" : `\nSchema ${team.address.schema}: ${made}.\n`;
  const files = `\n${fileLines(report, style)}${diffs === "" ? "" : `\n${diffs}`}`;
  return `${heading}${files}${tables}${isDryRun ? "" : nextSteps(report)}`;
}

function nextSteps({ before, hasRoles, hasRuns: stays, isRemoval, team }: Report): string {
  if (isRemoval)
    return "\nThis project's runs go into its folder from now on. What is in the team's store stays there.\n";
  const { address } = team;
  const steps = [
    ...(hasRoles
      ? []
      : [
          `${address.user} may not make the roles: hand on what the same command prints with --print-sql,`,
          "  to be run by who looks after the database. Until then no one else can log in to the store.",
        ]),
    ...(before === undefined
      ? ["Give each person a login in kaizen_writer and kaizen_person, and CI one in kaizen_ci."]
      : []),
    ...(stays ? ["Move what the folder has: kaizen-metrics import --from .kaizen"] : []),
    "Commit .kaizen/store.json and .gitignore.",
    `Everybody sets KAIZEN_STORE=${team.forOthers}, also where clients are started from,`,
    "  and confirms it once: kaizen-metrics store trust",
  ];
  let number = 0;
  const lines = steps.map((step) => {
    if (step.startsWith(" ")) return `   ${step}\n`;
    number += 1;
    return `  ${number}. ${step}\n`;
  });
  return `\nNext:\n${printable(lines.join(""))}`;
}
