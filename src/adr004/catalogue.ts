import { decodeEvidence, NO_EVIDENCE } from "./evidence-line.ts";
import { decodeLifecycleEvent, NO_LIFECYCLE_EVENT } from "./lifecycle-line.ts";
import { decodeEntry, decodeEvent } from "./recommendation-line.ts";
import { decodeLine, type LineReader } from "./run-line.ts";
import { sideLineReader } from "./side-line.ts";
import { decodeVerification, NO_VERIFICATION } from "./verification-line.ts";
import { decodeVoided, NO_VOIDED } from "./voided-line.ts";

// Which files a store in the ADR-004 form has. It is here and not in the engine, since the importer reads such folders
// whatever engine it writes to. A new kind of file is one entry here, and its fold.

export type Imported = "runs" | "verifications" | "entries" | "events" | "analysis";

export type Changes = "runs" | "lifecycle" | "evidence" | "advice";

interface StoredFile {
  /** In its folder. */
  readonly name: string;
  /** Its row in the manual's table of files. */
  readonly says: string;
  /** Whether git leaves it out: it can be made again, or is of one machine only. */
  readonly isIgnored?: true;
  readonly isFolder?: true;
}

/** A file that holds what happened, and no other file does. */
interface Source extends StoredFile {
  /** Of what it is a change if the file changes. Left out: another file of the catalogue changes with it. */
  readonly changes?: Changes;
  /** What the importer takes from it. */
  readonly imported?: Imported;
  /** A sentence for a person whose import leaves it where it is; a move of the whole history takes it along. */
  readonly staysBehind?: string;
}

/** A file of lines that only grows. A repair moves lines that cannot be read to a quarantine beside it. */
export interface Journal extends Source {
  /** Completes "took out of". */
  readonly what: string;
  readonly read: LineReader;
  /** The name in the index of what was learnt from it. */
  readonly snapshot?: string;
}

/** A JSON object that is replaced whole. A repair moves one that is damaged to a quarantine of its own. */
export interface Document extends Source {
  /** What a repair does about a damaged one. */
  readonly repair: string;
}

/** The files of one folder, by what the code calls them. */
export interface FolderCatalogue {
  readonly journals: Readonly<Record<string, Journal>>;
  readonly documents: Readonly<Record<string, Document>>;
  /** What can be made again from the journals. */
  readonly derived: Readonly<Record<string, StoredFile>>;
}

/** In the folder of each agent. */
const agent = {
  journals: {
    log: {
      name: "executions.jsonl",
      what: "the log",
      says: "The log: one run a line, appended. The source of every figure, with the verifications beside it.",
      read: decodeLine,
      changes: "runs",
      imported: "runs",
      snapshot: "checkpoint.json",
    },
    verifications: {
      name: "verifications.jsonl",
      what: "the verifications",
      says: "What independent checks of the runs found: one verification a line, appended.",
      read: sideLineReader(decodeVerification, NO_VERIFICATION),
      changes: "runs",
      imported: "verifications",
      snapshot: "verifications.json",
    },
    lifecycle: {
      name: "lifecycle.jsonl",
      what: "the lifecycle events",
      says: "What a client's hooks saw: that a run began or ended, one lifecycle event a line, appended. No runs, and no outcomes.",
      read: sideLineReader(decodeLifecycleEvent, NO_LIFECYCLE_EVENT),
      changes: "lifecycle",
      staysBehind:
        "What hooks saw of runs (lifecycle.jsonl) stays where it is: coverage is about the clients of one machine.",
      snapshot: "lifecycle.json",
    },
    evidence: {
      name: "evidence.jsonl",
      what: "the evidence",
      says: "What is known of runs beyond their claims, from the client's transcripts and from git: counts and hashes of a run on a line, appended. No text of an agent or a user.",
      read: sideLineReader(decodeEvidence, NO_EVIDENCE),
      changes: "evidence",
      staysBehind:
        "What is known of runs beyond their claims (evidence.jsonl) stays where it is: its hashes say something only to the machine that made them.",
      snapshot: "evidence.json",
    },
    voided: {
      name: "voided.jsonl",
      what: "the voided runs",
      says: "Runs that were taken back: the run's line, byte for byte, and what else was known of it, with who, when and why. They count nowhere.",
      read: sideLineReader(decodeVoided, NO_VOIDED),
      staysBehind: "Voided runs (voided.jsonl) stay where they are: they count nowhere.",
    },
  },
  documents: {},
  derived: {
    summary: { name: "summary.json", says: "The figures, written anew after each run." },
    index: {
      name: ".index",
      isFolder: true,
      isIgnored: true,
      says: "What has been learnt from a long log, so that a new process need not read it again: `checkpoint.json`, `keys-*.idx`, `verifications.json` of the verifications, `lifecycle.json` of the lifecycle events and `evidence.json` of the evidence.",
    },
  },
} as const satisfies FolderCatalogue;

/** In the folder that the optimizers share. */
const optimizer = {
  journals: {
    recommendations: {
      name: "recommendations.jsonl",
      what: "the recommendations",
      says: "One line for each agent and analysis, appended.",
      read: sideLineReader(decodeEntry, "it is no entry of recommendations"),
      changes: "advice",
      imported: "entries",
    },
    recommendationEvents: {
      name: "recommendation-events.jsonl",
      what: "the changes of recommendations",
      says: "What became of each recommendation: one change a line, appended.",
      read: sideLineReader(decodeEvent, "it is no change of a recommendation"),
      changes: "advice",
      imported: "events",
    },
  },
  documents: {
    analysis: {
      name: "analysis.json",
      says: "The optimizer's latest report.",
      changes: "advice",
      imported: "analysis",
      repair: "moves it to a quarantine of its own; the optimizer writes a new one",
    },
  },
  derived: {},
} as const satisfies FolderCatalogue;

export const adr004Files = { agent, optimizer };

export type AgentJournal = keyof typeof agent.journals;
/** The journals that are a kind of change of their own. */
export type EventJournal = AgentJournal & Changes;
export type AgentDerived = keyof typeof agent.derived;
export type OptimizerJournal = keyof typeof optimizer.journals;
export type OptimizerDocument = keyof typeof optimizer.documents;

/** The files of a store. It has those above, and may have more. */
export interface Catalogue {
  readonly agent: typeof agent & FolderCatalogue;
  readonly optimizer: typeof optimizer & FolderCatalogue;
}

/** The files of a folder that cannot be made again. */
export function sourcesIn({ documents, journals }: FolderCatalogue): readonly Source[] {
  return [...Object.values(journals), ...Object.values(documents)];
}

/** The file beside another to which a repair moves what cannot be read in it. */
export function quarantineOf(path: string): string {
  return path.replace(/\.jsonl?$/, ".quarantine");
}
