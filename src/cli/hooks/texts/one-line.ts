import { plainLine } from "../../../domain/text/plain-text.ts";
import type { Log } from "../../../log.ts";

const MAX_CHARACTERS = 1_000;
const DOCTOR = "kaizen-metrics doctor";

/**
 * From here on the log says one line in all, as the process ends: whatever the store notices on the way, and whichever
 * way the hook ends. Damage comes first, since a person has to look after it; otherwise what was said last says why the
 * hook ended.
 */
export function sayOneLine(log: Log): void {
  const say = log.info;
  let damage: string | undefined;
  let last: string | undefined;
  log.info = (message) => {
    last = message;
  };
  log.warning = (message) => {
    damage ??= message;
  };
  // No stack: it has many lines.
  log.error = (message, cause) => log.info(cause instanceof Error ? `${message} (${cause.name})` : message);
  process.on("exit", () => {
    const line = damage === undefined ? last : whereToLook(damage);
    if (line !== undefined) say(plainLine(line, MAX_CHARACTERS));
  });
}

function whereToLook(damage: string): string {
  return damage.includes(DOCTOR) ? damage : `${damage}; \`${DOCTOR}\` names all`;
}
