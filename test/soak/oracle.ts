import { closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/**
 * What every worker says it was told, outside the store: one file a worker, one line a fact, written only after the
 * store (or, for a writer without the lock, the kernel) has acknowledged. A single short write each, so that a killed
 * worker leaves whole lines.
 */
export type Fact =
  | { readonly kind: "run"; readonly id: string }
  | { readonly kind: "key"; readonly key: string; readonly id: string }
  | { readonly kind: "foreign"; readonly n: string }
  | { readonly kind: "pruned" | "read" | "repaired" }
  /** Something that must never be, in words. */
  | { readonly kind: "wrong"; readonly what: string };

export class OracleFile {
  readonly #fd: number;

  constructor(folder: string, worker: string) {
    this.#fd = openSync(join(folder, worker), "a");
  }

  /** Keeps a fact, and then says on stdout that there is one more, so that the parent counts work and not seconds. */
  note(fact: Fact): void {
    writeSync(this.#fd, `${JSON.stringify(fact)}\n`);
    writeSync(1, ".");
  }

  close(): void {
    closeSync(this.#fd);
  }
}

export function readFacts(folder: string): Fact[] {
  return readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .split("\n")
      // A line without its newline was not finished, and nothing was promised by it.
      .slice(0, -1)
      .map((line): Fact => JSON.parse(line)),
  );
}

/** How many runs are acknowledged by now; each shared key is one run, whoever was told. */
export function countAcknowledged(facts: readonly Fact[]): number {
  const ids = new Set<string>();
  for (const fact of facts) if (fact.kind === "run" || fact.kind === "key") ids.add(fact.id);
  return ids.size;
}
