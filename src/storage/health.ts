import type { AgentName } from "../domain/run/agent-name.ts";
import type { KaizenError } from "../errors.ts";

/** What is wrong with a file of the store, or worth knowing of it. */
export interface Finding {
  /**
   * `damage`: something cannot be read, or says what is not so. `leftover`: a killed process has left it. It disturbs
   * no reader and no writer, and the next write clears it. `remark`: worth knowing, and harmless.
   */
  readonly kind: "damage" | "leftover" | "remark";
  /** The agent whose file it is, by the name of its folder. */
  readonly agent?: string;
  /** Where it is, below the project's folder. */
  readonly file: string;
  /** The line's number, from 1, and where it begins, in bytes; where one line is meant. */
  readonly line?: number;
  readonly offset?: number;
  /** Completes "it is damage: ". */
  readonly reason: string;
  /** Whether something in it can no longer be read as what it was. Otherwise everything in it still counts. */
  readonly lost: boolean;
  /** What a repair does about it, and what a person can do where it does nothing. */
  readonly repair?: string;
  readonly advice?: string;
}

export interface Examination {
  /** In the order of the files. Of the damaged lines of one file so many at most as `NAMED_LINES` says. */
  readonly findings: readonly Finding[];
  /** Damaged lines that are not among the findings, by file. */
  readonly unnamed: readonly { readonly file: string; readonly lines: number }[];
  readonly agents: number;
  readonly files: number;
  readonly bytes: number;
}

export const NAMED_LINES = 100;

/** Told while files are read: which one, and how many bytes of how many are done. */
export type OnProgress = (file: string, done: number, total: number) => void;

/** A store that keeps files: whether they are whole, and setting them right. */
export interface StoreFiles {
  /** Agents that `listAgents` leaves out, because something else stands in the place of their files, such as a link. */
  unsafeAgents(): Promise<AgentName[]>;

  /** Looks at every file. Takes no lock, writes nothing, and fails for no file that it finds. */
  examine(onProgress: OnProgress): Promise<Examination>;

  /**
   * Does what the findings of an examination say that a repair does. No byte is destroyed: what cannot be read moves to a
   * quarantine beside its file. The next examination says whether it did. Gives what failed, which keeps nothing else
   * from being repaired.
   */
  repair(findings: readonly Finding[], onProgress: OnProgress): Promise<KaizenError[]>;
}
