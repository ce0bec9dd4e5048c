import { execFileSync } from "node:child_process";

export default function buildOnce(): void {
  execFileSync("npm", ["run", "--silent", "build"], {
    stdio: "pipe",
    shell: process.platform === "win32",
  });
}
