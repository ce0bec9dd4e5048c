import { FirstResult } from "../../domain/evidence/first-result.ts";
import { bytesAt, withClientFile } from "./client-file.ts";
import { Lines } from "./lines.ts";
import { WHOLE_BYTES } from "./transcript.ts";
import { TranscriptLines } from "./transcript-lines.ts";

const END_PRECISION_MS = 1_000;

/**
 * What the tests of the main conversation say of a run that ended before: the first result that can be read, if nothing
 * was edited and no agent was set to work until then. Only the last 4 MiB are read, so of a run that ended earlier nothing
 * may be known.
 *
 * @param sinceMs When the run ended.
 */
export function readMainAfter(path: string, sinceMs: number): "green_after" | "red_after" | undefined {
  const result = new FirstResult();
  // Without a time, it may have been before the run's end or after it.
  const isBefore = (at: number | undefined) => at !== undefined && at < sinceMs;
  const lines = new TranscriptLines({
    key: undefined,
    isNamed: false,
    elsewhere: new Set(),
    steps: {
      add: (step, at) => (at === undefined ? result.end() : isBefore(at) ? undefined : result.add(step)),
      // The run's end is known to the second, so what set it to work may bear that second too. Another agent is set to
      // work by the model's next answer, which takes longer.
      delegated: (at) => (at !== undefined && at < sinceMs + END_PRECISION_MS ? undefined : result.end()),
    },
  });
  const isWhole = withClientFile(path, (file) => {
    const from = Math.max(0, file.size - WHOLE_BYTES);
    const bytes = bytesAt(file, from, file.size - from);
    const reading = new Lines((line) => lines.add(line));
    reading.add(from === 0 ? bytes : bytes.subarray(bytes.indexOf("\n") + 1));
    reading.end();
    return from === 0;
  });
  const { startedAt = Number.POSITIVE_INFINITY } = lines.reader.record.clock;
  return isWhole === true || startedAt <= sinceMs ? result.seen : undefined;
}
