import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { cleanEnvironment } from "./environment.ts";
import { bundle } from "./server-process.ts";

/** Types a line into a shell, where `$NODE` is Node and `$K` is the program. */
export async function shell(
  line: string,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string; stderr: string; status: unknown }> {
  const options = { cwd, env: { ...cleanEnvironment(env), NODE: process.execPath, K: bundle } };
  try {
    return { ...(await promisify(execFile)("bash", ["-c", line], options)), status: 0 };
  } catch (error) {
    const { code, stderr, stdout } = error as { code: unknown; stdout: string; stderr: string };
    return { stdout, stderr, status: code };
  }
}
