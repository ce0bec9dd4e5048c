import { appendFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EventJournal } from "../../src/adr004/catalogue.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder, type Place } from "../support/places.ts";
import { REVIEWER } from "../support/runs.ts";

/** Somewhere to keep runs, to which more is done than its store does, if it can be. */
export interface HarmedPlace extends Place {
  /** Adds a line that this program does not write to a file of the reviewer. Gives whether there was one. */
  harm?(journal: EventJournal, line: string): boolean;
  /** Takes away what has been learnt from the reviewer's files. */
  dropIndex?(): void;
}

export function harmedFolder(): HarmedPlace {
  const root = fastTemporaryFolder();
  const folder = join(root, ".kaizen", "metrics", REVIEWER);
  return {
    durable: true,
    open: (options) => openJsonl(root, options),
    harm(journal, line) {
      const path = join(folder, `${journal}.jsonl`);
      if (!existsSync(path)) return false;
      appendFileSync(path, line);
      return true;
    },
    dropIndex: () => rmSync(join(folder, ".index"), { recursive: true, force: true }),
  };
}

/** A failure prints its seed and path; `KAIZEN_TEST_SEED` and `KAIZEN_TEST_PATH` repeat it, `KAIZEN_TEST_RUNS` looks further. */
export function seeded(runs: number) {
  return {
    numRuns: Number(process.env.KAIZEN_TEST_RUNS ?? runs),
    ...(process.env.KAIZEN_TEST_SEED === undefined ? {} : { seed: Number(process.env.KAIZEN_TEST_SEED) }),
    ...(process.env.KAIZEN_TEST_PATH === undefined ? {} : { path: process.env.KAIZEN_TEST_PATH }),
  };
}
