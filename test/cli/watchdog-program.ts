import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { endInTime } from "../../src/cli/hooks/limits/deadline.ts";
import { noteReading } from "../../src/cli/hooks/limits/watchdog.ts";
import { sayOneLine } from "../../src/cli/hooks/texts/one-line.ts";
import { stderrLog } from "../../src/log.ts";

/** Works without end, in a way that never gives the event loop back, within a limit of a few tenths of a second. */
const work: Record<string, () => unknown> = {
  computing() {
    for (;;);
  },
  async "promises that never end"() {
    for (;;) await undefined;
  },
  "a pattern that goes on and on": () => /^(a+)+$/.test(`${"a".repeat(60)}b`),
  "a folder that is read again and again"() {
    for (;;) readdirSync(tmpdir());
  },
  nothing: () => process.exit(0),
};

const log = stderrLog(() => process.stderr);
sayOneLine(log);
endInTime("the work", 300, log);
process.stdout.write("said before\n");
noteReading(1024 * 1024);
await work[process.argv[2] ?? ""]?.();
