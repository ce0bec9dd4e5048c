import { errorCodeOf } from "../../errors.ts";

/** Whether a process of this machine has a number: one of another user's counts too. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCodeOf(error) === "EPERM";
  }
}
