import type { OnNotice } from "../../notice.ts";

/** So many damaged lines of a file are named. */
const NAMED_LINES = 5;

export interface DamagedPlace {
  readonly path: string;
  /** Where the line begins. */
  readonly start: number;
  /** Completes "it is damage: ". */
  readonly reason: string;
}

/** Counts a line in which something was lost, and names the first ones: the person who runs the server should hear of them. */
export function noteDamage(
  counted: { damagedLines: number },
  { path, reason, start }: DamagedPlace,
  onNotice: OnNotice = () => {},
): void {
  counted.damagedLines += 1;
  if (counted.damagedLines > NAMED_LINES) return;
  const further = counted.damagedLines === NAMED_LINES ? "; further ones are only counted" : "";
  onNotice(`set aside: the line at byte ${start} of ${path}: ${reason}${further}`, "damage");
}
