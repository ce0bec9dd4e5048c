import { decodeVerification } from "../../../adr004/verification-line.ts";
import type { Verification } from "../../../domain/verification/verification.ts";
import { type FileSystem, statusOf } from "../files/file-system.ts";
import { hasOnlyGrown, type Mark, markAt } from "../journal/fingerprint.ts";
import { forEachLine, readLineAt } from "../journal/lines.ts";
import { EntryTable } from "../key-index/entry-table.ts";
import { hashText } from "../key-index/hash.ts";

/** Where the verifications of each run stand: for reading single ones again, without holding them all. */
export class VerificationPlaces {
  readonly #fileSystem: FileSystem;
  #mark: Mark | undefined;
  #places = new EntryTable();

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem;
  }

  /** Reads what was added to the open file, or all of it where it is another one now. */
  async catchUp(fd: number): Promise<void> {
    const known = this.#mark;
    this.#mark = undefined;
    const isKnown = known !== undefined && hasOnlyGrown(this.#fileSystem, fd, known);
    if (!isKnown) this.#places = new EntryTable();
    const range = { from: isKnown ? known.offset : 0, to: statusOf(this.#fileSystem, fd).size };
    const end = await forEachLine(this.#fileSystem, fd, range, (bytes, start) => {
      const verification = decodeVerification(bytes);
      if (verification !== undefined && verification !== "blank")
        this.#places.add(hashText(verification.execution_id), start);
    });
    this.#mark = markAt(this.#fileSystem, fd, end);
  }

  /** The verifications of a run in the open file, in the order in which they were reported. */
  verificationsOf(fd: number, executionId: string): Verification[] {
    const places: number[] = [];
    this.#places.collect(hashText(executionId), places);
    return places
      .sort((a, b) => a - b)
      .flatMap((place) => {
        const verification = decodeVerification(readLineAt(this.#fileSystem, fd, place));
        return verification !== undefined && verification !== "blank" && verification.execution_id === executionId
          ? [verification]
          : [];
      });
  }
}
