import { writeSync } from "node:fs";
import { interceptedFileSystem, moveHalf } from "../support/intercepted-file-system.ts";
import { perform } from "./swept-operations.ts";

/** What happens at one file system call of an operation in a prepared folder. */
export interface Death {
  readonly root: string;
  /** The call's number or name. */
  readonly at: number | string;
  /** The process ends before the call, or with half of its bytes written, or it stops there as one that hangs does. */
  readonly how: "before" | "within" | "stop";
}

/**
 * Performs an operation once for each death, each in a folder of its own. From its death on, an operation makes no other
 * call, so its folder stays as it was then; at the last death the process ends itself, as `kill -9` does. So one process
 * leaves what many would. Says the number of each death whose operation has been acknowledged all the same. Arguments: the
 * operation, and the deaths in JSON.
 */
const [operation = "", argument = "[]"] = process.argv.slice(2);
const deaths = JSON.parse(argument) as readonly Death[];
for (const [index, death] of deaths.entries()) await die(death, index);

async function die({ root, at, how }: Death, index: number): Promise<void> {
  const isLast = index === deaths.length - 1;
  await new Promise<void>((resolve, reject) => {
    let isDead = false;
    const fileSystem = interceptedFileSystem((call) => {
      if (!isDead && (call.number === at || call.name === at)) {
        if (how === "within") moveHalf(call);
        if (isLast) process.kill(process.pid, how === "stop" ? "SIGSTOP" : "SIGKILL");
        else isDead = true;
        resolve();
      }
      if (!isDead) return call.proceed();
      if (call.name === "fdatasync") return new Promise(() => {});
      throw new Error("a dead process makes no calls");
    });
    perform(operation, root, fileSystem).then(
      () => {
        if (!isDead) writeSync(1, `${index}\n`);
        resolve();
      },
      (error) => (isDead ? resolve() : reject(error)),
    );
  });
}
