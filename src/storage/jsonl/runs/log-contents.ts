import { ContentCounts, type ContentHash, contentHash } from "../../../adr004/content-counts.ts";
import { decodeLine } from "../../../adr004/run-line.ts";
import { identitiesOf } from "../../../domain/run/execution.ts";
import { type FileSystem, statusOf } from "../files/file-system.ts";
import { hasOnlyGrown, type Mark, markAt } from "../journal/fingerprint.ts";
import { forEachLine } from "../journal/lines.ts";

/** How often a log says what. Made only where runs from elsewhere come in that have no identity to be known by. */
export class LogContents {
  readonly #fileSystem: FileSystem;
  #mark: Mark | undefined;
  #counts = new ContentCounts();

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem;
  }

  /** Counts what was added to the open log, or all of it where it is another one now. */
  async catchUp(fd: number): Promise<void> {
    const known = this.#mark;
    this.#mark = undefined;
    const isKnown = known !== undefined && hasOnlyGrown(this.#fileSystem, fd, known);
    if (!isKnown) this.#counts = new ContentCounts();
    const range = { from: isKnown ? known.offset : 0, to: statusOf(this.#fileSystem, fd).size };
    const end = await forEachLine(this.#fileSystem, fd, range, (bytes) => {
      for (const run of decodeLine(bytes).executions) {
        if (identitiesOf(run).length === 0) this.#counts.add(contentHash(run.record));
      }
    });
    this.#mark = markAt(this.#fileSystem, fd, end);
  }

  count(content: ContentHash): number {
    return this.#counts.count(content);
  }
}
