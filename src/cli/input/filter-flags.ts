import type { ExecutionFilter } from "../../domain/run/filter.ts";
import type { CommandContext, FlagSpecs, Given } from "../frame/define-command.ts";
import { typedInstant } from "./typed-instant.ts";

/** From when and until when, for every command that looks at runs. */
export const timeFlags = {
  since: {
    type: "string",
    value: "WHEN",
    description: "Runs from then on, e.g. 7d, 24h, yesterday, 2026-11-01 or '2026-11-01 10:00'",
  },
  until: {
    type: "string",
    value: "WHEN",
    description: "Runs before then; a time without an offset is local, and with --utc UTC",
  },
} as const satisfies FlagSpecs;

const within = "FILTERS";

/** Which runs are meant. */
export const filterFlags = {
  since: { ...timeFlags.since, within },
  until: { ...timeFlags.until, within },
  task: { type: "string", value: "TEXT", within, description: "Runs of this kind of work, e.g. review" },
  model: { type: "string", value: "TEXT", within, description: "Runs of this model" },
  version: { type: "string", value: "TEXT", within, description: "Runs of this version of the prompt or agent" },
} as const satisfies FlagSpecs;

/** For the details of a command whose usage says FILTERS. */
export const filtersAre = `${within} are ${Object.keys(filterFlags)
  .map((name) => `--${name}`)
  .join(", ")}; a run has to pass all that are given.`;

export function filterOf(
  flags: Given<typeof filterFlags>["flags"],
  context: Pick<CommandContext, "now" | "utc">,
): ExecutionFilter {
  const { model, since, task, until, version } = flags;
  return {
    task,
    model,
    version,
    sinceAt: typedInstant("--since", since, context),
    untilAt: typedInstant("--until", until, context),
  };
}
