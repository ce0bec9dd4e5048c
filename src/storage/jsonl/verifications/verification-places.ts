import { decodeVerification } from "../../../adr004/verification-line.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import type { Verification } from "../../../domain/verification/verification.ts";
import type { FileSystem } from "../files/file-system.ts";
import { readLineAt } from "../journal/lines.ts";
import { EntryTable } from "../key-index/entry-table.ts";
import { hashText } from "../key-index/hash.ts";
import type { Fold } from "../projection/fold.ts";
import { Projection } from "../projection/projection.ts";

const placesFold: Fold<EntryTable, ReturnType<typeof decodeVerification>> = {
  empty: () => new EntryTable(),
  decode: decodeVerification,
  add(places, verification, start) {
    if (verification !== undefined && verification !== "blank") places.add(hashText(verification.execution_id), start);
  },
};

/** Where the verifications of each run stand: for reading single ones again, without holding them all. */
export class VerificationPlaces {
  readonly #fileSystem: FileSystem;
  readonly #places: Projection<EntryTable, ReturnType<typeof decodeVerification>>;

  constructor(fileSystem: FileSystem, path: string) {
    this.#fileSystem = fileSystem;
    this.#places = new Projection({ fileSystem }, path, placesFold);
  }

  /** Reads what was added to the open file. */
  async catchUp(fd: number): Promise<void> {
    await this.#places.read(fd);
  }

  /** The verifications of those of the runs that have any, by execution id. */
  async ofRuns(fd: number | undefined, runs: readonly Pick<Execution, "id">[]): Promise<Map<string, Verification[]>> {
    const found = new Map<string, Verification[]>();
    if (fd === undefined || runs.length === 0) return found;
    await this.catchUp(fd);
    for (const { id } of runs) {
      const verifications = this.verificationsOf(fd, id);
      if (verifications.length > 0) found.set(id, verifications);
    }
    return found;
  }

  /** The verifications of a run in the open file, in the order in which they were reported. */
  verificationsOf(fd: number, executionId: string): Verification[] {
    const places: number[] = [];
    this.#places.current.state.collect(hashText(executionId), places);
    return places
      .sort((a, b) => a - b)
      .flatMap((place) => {
        const verification = decodeVerification(readLineAt(this.#fileSystem, fd, place));
        if (verification === undefined || verification === "blank") return [];
        return verification.execution_id === executionId ? [verification] : [];
      });
  }
}
