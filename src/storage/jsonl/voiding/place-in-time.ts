import { decodeLine } from "../../../adr004/run-line.ts";
import { type FileSystem, statusOf } from "../files/file-system.ts";
import { forEachLine } from "../journal/lines.ts";

/** Where a run belongs in an open log, and where the log's last whole line ends. */
export interface PlaceInTime {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a run that ended at an instant (ms) goes back to: to where it stood, if time allows it there, else behind the last
 * line that is not later. One that does not say its time goes to where it stood, or to the end.
 */
export async function placeInTime(
  fileSystem: FileSystem,
  fd: number,
  { at, place }: { readonly at: number | undefined; readonly place: number },
): Promise<PlaceInTime> {
  const own = at ?? Number.POSITIVE_INFINITY;
  let before = Number.NEGATIVE_INFINITY;
  let byTime = 0;
  let fits = false;
  const look = (start: number, next: number) => {
    if (start === place) fits = at === undefined || (before <= own && own <= next);
  };
  const { size } = statusOf(fileSystem, fd);
  const end = await forEachLine(fileSystem, fd, { from: 0, to: size, areWhole: true }, (bytes, start) => {
    // A line that does not say its time stays behind the line before it.
    const time = decodeLine(bytes).executions.find((run) => run.at !== undefined)?.at ?? before;
    look(start, time);
    if (time <= own) byTime = start + bytes.length + 1;
    before = time;
  });
  look(end, Number.POSITIVE_INFINITY);
  return { start: fits ? place : byTime, end };
}
