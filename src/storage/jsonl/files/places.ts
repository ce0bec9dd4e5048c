import { join } from "node:path";
import {
  type AgentDerived,
  type AgentJournal,
  type Catalogue,
  type Changes,
  type Document,
  type FolderCatalogue,
  type Journal,
  type OptimizerDocument,
  type OptimizerJournal,
  quarantineOf,
  sourcesIn,
} from "../../../adr004/catalogue.ts";

// Where the files of the catalogue stand in one folder.

export interface JournalPlace extends Journal {
  readonly path: string;
  readonly quarantine: string;
}

export interface DocumentPlace extends Document {
  readonly path: string;
}

/** The files of one folder that cannot be made again. */
export interface FolderFiles {
  readonly folder: string;
  readonly journals: readonly JournalPlace[];
  readonly documents: readonly DocumentPlace[];
}

type Paths<Key extends string> = Readonly<Record<Key, string>>;

/** The paths of an agent's files, by what the catalogue calls them. */
export type AgentFiles = FolderFiles & Paths<AgentJournal | AgentDerived>;

export type OptimizerFiles = FolderFiles & Paths<OptimizerJournal | OptimizerDocument>;

export function agentFilesIn(folder: string, { agent }: Catalogue): AgentFiles {
  return {
    ...filesIn(folder, agent),
    ...paths<AgentJournal>(folder, agent.journals),
    ...paths<AgentDerived>(folder, agent.derived),
  };
}

export function optimizerFilesIn(folder: string, { optimizer }: Catalogue): OptimizerFiles {
  return {
    ...filesIn(folder, optimizer),
    ...paths<OptimizerJournal>(folder, optimizer.journals),
    ...paths<OptimizerDocument>(folder, optimizer.documents),
  };
}

/** What a repair may replace, so that lines come late. */
export function linesOf({ journals }: FolderFiles): readonly string[] {
  return journals.map(({ path }) => path);
}

/** The files of a folder of which a change is a change of the runs, or of what else is asked for. */
export function pathsOfChanges(folder: string, catalogue: FolderCatalogue, changes: Changes): string[] {
  const meant = sourcesIn(catalogue).filter((file) => file.changes === changes);
  return meant.map(({ name }) => join(folder, name));
}

function filesIn(folder: string, { documents, journals }: FolderCatalogue): FolderFiles {
  return {
    folder,
    journals: Object.values(journals).map((journal) => {
      const path = join(folder, journal.name);
      return { ...journal, path, quarantine: quarantineOf(path) };
    }),
    documents: Object.values(documents).map((document) => ({ ...document, path: join(folder, document.name) })),
  };
}

type Named<Key extends string> = Readonly<Record<Key, { readonly name: string }>>;

function paths<Key extends string>(folder: string, files: Named<Key>): Paths<Key>;
function paths(folder: string, files: Named<string>): Paths<string> {
  return Object.fromEntries(Object.entries(files).map(([key, { name }]) => [key, join(folder, name)]));
}
