import type { JudgedRun } from "../../src/domain/figures/rate-change.ts";
import { formatInstant } from "../../src/domain/run/time.ts";

const HOUR_MS = 3_600_000;
const FIRST_AT = Date.UTC(2026, 10, 1);

/**
 * Runs from a picture, oldest first and one an hour: `+` and `-` are claims, `V` and `x` a success and a failure that a
 * check found, spaces are for the eye.
 */
export function judgedRuns(picture: string, more: (index: number) => Partial<JudgedRun> = () => ({})): JudgedRun[] {
  return [...picture.replaceAll(" ", "")].map((mark, index) => {
    const at = FIRST_AT + index * HOUR_MS;
    const success = mark === "+" || mark === "V";
    return { at, timestamp: formatInstant(at), success, isVerified: /[Vx]/.test(mark), ...more(index) };
  });
}
