import { decodeLine } from "../../../adr004/run-line.ts";
import { encodeVoided, runOf, type VoidedLine } from "../../../adr004/voided-line.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import { KaizenError } from "../../../errors.ts";
import { oneOfSeveral, unknownRun } from "../../refusals.ts";
import type { VoidedEntry } from "../../shared/voided-run.ts";
import type { NewVoiding } from "../../store.ts";
import { readLineAt } from "../journal/lines.ts";
import { lineStart } from "../key-index/run-position.ts";
import type { AgentContext } from "../projection/agent-context.ts";
import type { LogView } from "../run-view/log-view.ts";
import { sideLinesOf } from "./lines-of-run.ts";

/** Of a longer line no reader of the file would see the end. */
const MAX_VOIDED_BYTES = 15 * 1024 * 1024;

export interface RunToVoid {
  readonly entry: VoidedEntry;
  /** The line that says it is voided. */
  readonly bytes: Buffer;
  /** Its lines in the log, by where they begin: its own, and those that repeat it. */
  readonly lines: ReadonlyMap<number, Buffer>;
}

/** Finds a live run and all that is known of it. Changes nothing. */
export async function findRunToVoid(
  { agent, cutoff, files, fileSystem }: AgentContext,
  view: LogView,
  { by: voided_by, id, timestamp: voided_at, ...why }: NewVoiding,
): Promise<RunToVoid> {
  const at = cutoff();
  const { execution, lines, place } = await view.reading((fd) => {
    const run = view.locateById(fd, id);
    if (run === undefined || hasExpired(run.execution.at, at)) throw unknownRun(agent, id);
    if (view.findById(fd, id, at).length > 1) throw oneOfSeveral(agent, id);
    const repeats = [...view.duplicatesIn(fd)].flatMap(([position, original]) =>
      original === run.place ? lineStart(position) : [],
    );
    const starts = [...new Set([run.place, ...repeats])];
    return { ...run, lines: new Map(starts.map((start) => [start, readLineAt(fileSystem, fd, start)])) };
  });
  const texts = [...lines.values()].map((line) => textOfOneRun(line, id));
  const [line = "", ...repeats] = texts;
  const runs = texts.flatMap((text) => runOf({ line: text }) ?? []);
  const voided: VoidedLine = {
    ...why,
    agent,
    id,
    line,
    place,
    ...(repeats.length > 0 ? { repeats } : {}),
    ...(await sideLinesOf(fileSystem, files, runs)),
    voided_at,
    voided_by,
  };
  const bytes = encodeVoided(voided);
  if (bytes.length > MAX_VOIDED_BYTES) {
    throw new KaizenError("INVALID_ARGUMENT", `${id}, with all that is known of it, is too long to be voided.`);
  }
  return { bytes, entry: { execution, lines: [voided] }, lines };
}

/** A line that one run has for itself, as text. */
function textOfOneRun(line: Buffer, id: string): string {
  const { damage, executions } = decodeLine(line);
  if (executions.length === 1 && damage?.lost !== true) return line.toString();
  throw new KaizenError("INVALID_ARGUMENT", `The line of ${id} has something else on it, too.`, {
    hint: "kaizen-metrics doctor --repair gives each run a line of its own.",
  });
}
