import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";
import { onTestFinished, vi } from "vitest";

const LONG_MS = 1_000;

/**
 * From here to the end of the test a wait of a second or more is over once what is ready has been done, and `Date.now` is
 * as much later. For what waits until a time has gone by, and asks the clock whether it has.
 */
export function passWaits(): void {
  if (vi.isMockFunction(timers.setTimeout)) return;
  const { now } = Date;
  const wait = timers.setTimeout;
  let passedMs = 0;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + passedMs);
  const waits = vi.spyOn(timers, "setTimeout").mockImplementation((ms = 0, value, options) => {
    if (ms < LONG_MS) return wait(ms, value, options);
    passedMs += ms;
    return wait(1, value, options);
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    clock.mockRestore();
    waits.mockRestore();
    syncBuiltinESMExports();
  });
}
