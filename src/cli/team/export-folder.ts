import { createWriteStream, lstatSync, mkdirSync, renameSync, rmSync, type WriteStream } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { KaizenError } from "../../errors.ts";
import { recordFile } from "../../kaizen/export.ts";
import { counted } from "../../messages/figures.ts";
import type { TeamStore } from "../../team/team-store.ts";
import { partName, removeLeftParts } from "../export/left-parts.ts";
import { shown } from "../export/output-place.ts";
import type { CommandContext, Outcome } from "../frame/define-command.ts";
import { usageError } from "../frame/parse-arguments.ts";
import { fileFailure } from "../input/file-failure.ts";
import { isInProject, walkPath } from "../input/typed-path.ts";
import { confirmedTeamOf, teamStores } from "./team.ts";

/** Writes a whole history into a new folder of the form that a project's own has, each record as it was written. */
export async function exportFolder(given: string, context: CommandContext): Promise<Outcome> {
  const team = await confirmedTeamOf(context);
  if (team === undefined) {
    throw new KaizenError("NOT_SUPPORTED", "This project's history is in such a folder already.", {
      hint: "Copy .kaizen/metrics; or export the runs with --output.",
    });
  }
  const folder = await newFolder(given, context);
  removeLeftParts(dirname(folder), basename(folder));
  const part = partName(folder);
  try {
    mkdirSync(part);
    const counts = await writeAll(part, team, context);
    renameSync(part, folder);
    const value = { folder: given, store: team.shown, ...counts };
    const text = `${counted(counts.runs, "run")} of ${counted(counts.agents, "agent")} to ${shown(given)}, with all that is known of them.\n`;
    return { value, text: () => text };
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw error instanceof Error && "syscall" in error ? fileFailure(shown(given), "written", error) : error;
  }
}

async function newFolder(given: string, context: CommandContext): Promise<string> {
  if (given === "") throw usageError("--to jsonl needs a folder.", { name: "export" });
  const project = context.machine.realPath((await context.project()).path);
  const { path, stats } = walkPath(resolve(given), {
    expectFollowable({ path: link }) {
      if (isInProject(dirname(link), project, context.machine)) {
        throw new KaizenError("UNSAFE_PATH", `${shown(link)} is a link of the project: it is not followed.`, {
          hint: "Name the folder by its own path.",
        });
      }
    },
  });
  if (stats === undefined && lstatSync(path, { throwIfNoEntry: false }) === undefined) return path;
  throw new KaizenError("INVALID_ARGUMENT", `${shown(given)} is there already.`, { hint: "Name a new folder." });
}

async function writeAll(
  folder: string,
  team: TeamStore,
  { progress }: CommandContext,
): Promise<{ agents: number; runs: number; records: number }> {
  const { walkRecordsOf } = await teamStores();
  const runsOf = new Map<string, number>();
  let records = 0;
  const files = new Files();
  try {
    await walkRecordsOf(team, async (some) => {
      const { agent = "optimizer", isAnew, kind } = some;
      if (isAnew) {
        await files.end();
        rmSync(join(folder, agent), { recursive: true, force: true });
        runsOf.set(agent, 0);
      }
      if (kind === "runs") runsOf.set(agent, (runsOf.get(agent) ?? 0) + some.records.length);
      records += some.records.length;
      progress.step("records exported", records);
      const end = kind === "report" ? "" : "\n";
      const text = some.records.map((record) => `${record}${end}`).join("");
      if (text !== "") await files.write(join(folder, agent, recordFile(kind)), text);
    });
  } finally {
    await files.end();
  }
  return { agents: runsOf.size, runs: [...runsOf.values()].reduce((sum, count) => sum + count, 0), records };
}

/** One file at a time is open: all records of one come together. */
class Files {
  #path = "";
  #stream: WriteStream | undefined;

  async write(path: string, text: string): Promise<void> {
    if (path !== this.#path) {
      await this.end();
      mkdirSync(dirname(path), { recursive: true });
      this.#stream = createWriteStream(path, { flags: "wx" });
      this.#path = path;
    }
    const stream = this.#stream;
    await new Promise<void>((resolve, reject) => {
      stream?.write(text, (error) => (error ? reject(error) : resolve()));
    });
  }

  async end(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#path = "";
    stream?.end();
    if (stream !== undefined) await finished(stream);
  }
}
