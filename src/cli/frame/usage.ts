import type { Command, FlagSpec, FlagSpecs } from "./define-command.ts";
import { commonFlags } from "./parse-arguments.ts";

type Positional = readonly [name: string, spec: Command["positionals"][string]];

/** What follows `kaizen-metrics` on a line, e.g. `summary [AGENT] [FILTERS]`: what the command takes, in its order. */
export function usageOf(command: Command): string {
  const { name, positionals, usage, usedWith = [] } = command;
  if (usage !== undefined) return usage;
  const common = Object.entries(commonFlags(command)).filter(([flag]) => usedWith.some((used) => used === flag));
  const flags: FlagSpecs = { ...command.flags, ...Object.fromEntries(common) };
  const words = Object.entries(positionals);
  // They stand where the one stands that they go with.
  const seconds = new Set([...Object.values(flags), ...Object.values(positionals)].map(({ or }) => or));
  const firsts = Object.entries(flags).filter(([flag]) => !seconds.has(flag));
  // What stands for several is said once.
  const parts = new Set([
    ...words.map((word) => wordPart(word, flags)),
    ...firsts.map(([flag, spec]) => flagPart(flag, spec, flags)),
  ]);
  return [name, ...parts].join(" ");
}

function wordPart([name, { choices, or, required, rest }]: Positional, flags: FlagSpecs): string {
  const word = choices?.join("|") ?? name.toUpperCase();
  if (or !== undefined) return `(${word} | ${bare(or, flags[or])})`;
  const each = rest ? `${word}...` : word;
  return required ? each : `[${each}]`;
}

function flagPart(name: string, spec: FlagSpec, flags: FlagSpecs): string {
  if (spec.within !== undefined) return `[${spec.within}]`;
  if (spec.or !== undefined) {
    const either = `${bare(name, spec)} | ${bare(spec.or, flags[spec.or])}`;
    return spec.required ? `(${either})` : `[${either}]`;
  }
  const flag = `${bare(name, spec)}${spec.multiple ? " ..." : ""}`;
  return spec.required ? flag : `[${flag}]`;
}

function bare(name: string, spec: FlagSpec | undefined): string {
  const value = spec?.choices?.join("|") ?? spec?.value;
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}
