import { basename, join } from "node:path";
import { quarantineOf } from "../../adr004/catalogue.ts";
import { withOtherAgent } from "../../adr004/record-text.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { InFlightCalls } from "../shared/in-flight.ts";
import type { DryRunOption, Moved, Moving } from "../store.ts";
import { contextOf, type JsonlAgentsOptions } from "./agent-stores-options.ts";
import { removeFile, statusAt, syncFolder } from "./files/file-system.ts";
import { hasErrno, translateFsError } from "./files/fs-errors.ts";
import { linesOf } from "./files/layout.ts";
import type { AgentFiles } from "./files/places.ts";
import { LockedFiles } from "./journal/locked-files.ts";
import { type LineAction, rewriteLog } from "./journal/rewrite.ts";
import type { HeldLock } from "./lock/lock.ts";
import { type Intent, MOVING_LOCK, readIntent, removeIntent, writeIntent } from "./moving/intent.ts";
import { adviceFor, moveAdvice } from "./moving/move-advice.ts";
import { eachLine, moveLines } from "./moving/move-lines.ts";
import { LogView } from "./run-view/log-view.ts";
import { DerivedFiles } from "./runs/derived-files.ts";
import { LogUpkeep } from "./runs/log-upkeep.ts";

/** Moves all that is kept of an agent. Each step may be done again, so that what a crash broke off is begun anew. */
export class JsonlMoving implements Moving {
  readonly #options: JsonlAgentsOptions;
  readonly #calls = new InFlightCalls(translateFsError);

  constructor(options: JsonlAgentsOptions) {
    this.#options = options;
  }

  move(from: AgentName, into: AgentName, options: DryRunOption = {}): Promise<Moved> {
    return this.#calls.answer(`moving ${from}`, () => this.#begin({ from, into }, options));
  }

  remove(agent: AgentName, options: DryRunOption = {}): Promise<Moved> {
    return this.#calls.answer(`removing ${agent}`, () => this.#begin({ from: agent }, options));
  }

  /** Does what was begun before and not finished. */
  finish(): Promise<void> {
    return this.#calls.answer("finishing what was to be moved", () =>
      this.#options.locks.under(MOVING_LOCK, () => this.#finishPending()),
    );
  }

  close(): Promise<void> {
    return this.#calls.close();
  }

  async #begin({ from, into }: Omit<Intent, "sizes">, { dryRun = false }: DryRunOption): Promise<Moved> {
    const { fileSystem, layout, locks } = this.#options;
    if (dryRun) return this.#counted(from);
    layout.makeFolder(layout.locks);
    return locks.under(MOVING_LOCK, async () => {
      await this.#finishPending();
      const moved = await this.#counted(from);
      const sizes = into === undefined ? {} : this.#sizesOf(layout.agent(into));
      const intent: Intent = into === undefined ? { from, sizes } : { from, into, sizes };
      writeIntent(fileSystem, layout.moving, intent);
      await this.#perform(intent);
      return moved;
    });
  }

  async #finishPending(): Promise<void> {
    const { fileSystem, layout } = this.#options;
    const intent = readIntent(fileSystem, layout.moving);
    if (intent === undefined) removeIntent(fileSystem, layout.moving);
    else await this.#perform(intent);
  }

  async #perform(intent: Intent): Promise<void> {
    const { fileSystem, layout, locks } = this.#options;
    const { from, into } = intent;
    const inOrder = [...new Set([from, into ?? from])].sort();
    const underAll = ([name, ...others]: readonly string[], work: () => Promise<void>): Promise<void> =>
      name === undefined ? work() : locks.under(name, () => underAll(others, work));
    await underAll(inOrder, async () => {
      if (into === undefined) this.#removeFolder(layout.agent(from));
      else await this.#moveFolder(intent, into);
    });
    const { optimizer: files } = layout;
    if (layout.hasFolder(files.folder)) {
      const lockedFiles = new LockedFiles({
        ...this.#options,
        ...noFolderMade,
        name: "optimizer",
        paths: linesOf(files),
      });
      await lockedFiles.locked((lock) => moveAdvice({ fileSystem, files, lockedFiles }, intent, lock));
    }
    if (into !== undefined && layout.hasFolder(layout.agentFolder(into))) await this.#lookAfter(into, from);
    removeIntent(fileSystem, layout.moving);
  }

  /** A folder that nothing stands in the way of moves in one step. */
  async #moveFolder({ from, sizes }: Intent, into: AgentName): Promise<void> {
    const { fileSystem, layout } = this.#options;
    const [source, target] = [layout.agent(from), layout.agent(into)];
    if (!layout.hasFolder(source.folder)) return;
    const there = statusAt(fileSystem, target.folder)?.identity;
    // A file system that ignores case has one folder for both.
    if (there === undefined || there === statusAt(fileSystem, source.folder)?.identity) {
      fileSystem.renameSync(source.folder, target.folder);
      syncFolder(fileSystem, layout.metrics);
      return;
    }
    layout.hasFolder(target.folder);
    for (const { path } of source.journals) {
      for (const file of [path, quarantineOf(path)]) {
        const name = basename(file);
        const size = sizes[name] ?? 0;
        await moveLines({ fileSystem, from: file, into: join(target.folder, name), size, names: { from, into } });
      }
    }
    this.#removeFolder(source);
  }

  /** The log goes first: without it nothing of the agent counts. What is not ours stays, and its folder with it. */
  #removeFolder({ folder, index, journals, log, summary }: AgentFiles): void {
    const { fileSystem, layout } = this.#options;
    if (!layout.hasFolder(folder)) return;
    removeFile(fileSystem, log);
    const inFolder = new Set(journals.flatMap(({ path }) => [path, quarantineOf(path)]).concat(summary));
    for (const name of fileSystem.readdirSync(folder)) {
      const path = join(folder, name);
      if (inFolder.has(path) || /\.(?:drain|rewrite|tmp)-[\w-]+$/.test(name)) removeFile(fileSystem, path);
    }
    if (layout.hasFolder(index)) {
      for (const name of fileSystem.readdirSync(index)) removeFile(fileSystem, join(index, name));
      fileSystem.rmdirSync(index);
    }
    try {
      fileSystem.rmdirSync(folder);
    } catch (error) {
      if (!hasErrno(error, "ENOTEMPTY", "EEXIST")) throw error;
    }
    syncFolder(fileSystem, layout.metrics);
  }

  /** Brings names, order and what is derived up to date. */
  async #lookAfter(into: AgentName, from: AgentName): Promise<void> {
    const { fileSystem, layout } = this.#options;
    const context = contextOf(this.#options, into, layout.agentFolder(into));
    const lockedFiles = new LockedFiles({ ...context, name: into, paths: linesOf(context.files) });
    const view = new LogView(context);
    const derived = new DerivedFiles(context, view);
    await lockedFiles.locked(async (lock: HeldLock) => {
      for (const { path } of context.files.journals) {
        if (statusAt(fileSystem, path) === undefined) continue;
        let isNeeded = false;
        const decide = (line: Buffer): LineAction => {
          const named = withOtherAgent(line, from, into);
          if (named === line) return "keep";
          isNeeded = true;
          return { replaceBy: Buffer.concat([named, Buffer.from("\n")]) };
        };
        await lockedFiles.replacing(() =>
          rewriteLog({ fileSystem, log: path, lock, decide, isNeeded: () => isNeeded }),
        );
      }
      if (!layout.hasLog(into)) return;
      await new LogUpkeep(context, lockedFiles, view, derived).sortByTime(lock);
      await derived.refresh();
    });
  }

  async #counted(agent: AgentName): Promise<Moved> {
    const { fileSystem, layout } = this.#options;
    let runs = 0;
    if (layout.hasLog(agent)) {
      await eachLine(fileSystem, layout.agent(agent).log, 0, (line) => {
        if (line.length > 0) runs += 1;
      });
    }
    const advice = layout.hasFolder(layout.optimizer.folder)
      ? await adviceFor(fileSystem, layout.optimizer, agent)
      : [];
    return { runs, advice: [...advice].length };
  }

  #sizesOf({ journals }: AgentFiles): Record<string, number> {
    const paths = journals.flatMap(({ path }) => [path, quarantineOf(path)]);
    return Object.fromEntries(
      paths.map((path) => [basename(path), statusAt(this.#options.fileSystem, path)?.size ?? 0]),
    );
  }
}

const noFolderMade = { prepareFolder: () => {} };
