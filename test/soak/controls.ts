import type { FileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";

/** What can be taken away from the store, to see that the soak notices. */
export type Control = "none" | "no-lock" | "no-drain";

export function fileSystemWithout(control: Control): FileSystem {
  if (control === "no-lock") return withPrivateLocks();
  if (control === "no-drain") return withHiddenDrains();
  return interceptedFileSystem((call) => call.proceed());
}

/** Every process gets locks of its own name, so that nobody ever finds one taken. */
function withPrivateLocks(): FileSystem {
  const own = (arg: unknown) => (typeof arg === "string" && arg.endsWith(".lock") ? `${arg}.${process.pid}` : arg);
  return interceptedFileSystem((call) => call.proceed(...call.args.map(own)));
}

/** Nobody sees the old files of rewritten logs, so nothing is carried over from them. */
function withHiddenDrains(): FileSystem {
  return interceptedFileSystem((call) => {
    const answer = call.proceed();
    return call.name === "readdirSync" ? (answer as string[]).filter((name) => !name.includes(".drain-")) : answer;
  });
}
