import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The Claude Code that is tried, exactly: what it sends to hooks changes from version to version. */
export const CLAUDE_CODE_VERSION = "2.1.332";

const scope = join("node_modules", "@anthropic-ai");

/**
 * The program of Claude Code: from the folder that KAIZEN_CLIENTS names, whose version has to be the one above, or else
 * installed by npm into `place`. The package for the platform is named, since no install script runs.
 */
export function installedClaudeCode(place: string, given = process.env.KAIZEN_CLIENTS): string {
  const folder = given ?? place;
  const name = `claude-code-${platformName()}`;
  if (given === undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    const packages = ["claude-code", name].map((one) => `@anthropic-ai/${one}@${CLAUDE_CODE_VERSION}`);
    // It names a newer Node.js than ours, and brings all that it runs on.
    const flags = ["--force", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--save-exact"];
    execFileSync("npm", ["install", ...flags, ...packages], { cwd: folder, stdio: "inherit" });
  }
  const program = join(folder, scope, name, process.platform === "win32" ? "claude.exe" : "claude");
  if (!existsSync(program)) throw new Error(`There is no ${program}.`);
  const found: unknown = JSON.parse(readFileSync(join(folder, scope, name, "package.json"), "utf8")).version;
  if (found !== CLAUDE_CODE_VERSION) throw new Error(`${program} is of ${found}, not of ${CLAUDE_CODE_VERSION}.`);
  return program;
}

function platformName(): string {
  const report: unknown = process.report?.getReport();
  const isMusl = process.platform === "linux" && !JSON.stringify(report).includes('"glibcVersionRuntime"');
  return `${process.platform}-${process.arch}${isMusl ? "-musl" : ""}`;
}
