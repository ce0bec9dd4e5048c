import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

const SHOWN = 10;
/** Who runs a few files has their times before them. */
const MANY_FILES = 50;

/** Names the files that took longest, for whoever has made one of them slow: no test fails for its time. */
export class HeaviestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length < MANY_FILES) return;
    const files = modules.map((module) => ({
      name: relative(process.cwd(), module.moduleId),
      seconds: module.diagnostic().duration / 1000,
    }));
    const heaviest = files.sort((a, b) => b.seconds - a.seconds).slice(0, SHOWN);
    const lines = heaviest.map(({ name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${name}`);
    process.stdout.write(`\n The ${heaviest.length} files that took longest:\n${lines.join("\n")}\n`);
  }
}
