import { join } from "node:path";
import {
  addRunEvent,
  type DayOfRuns,
  noRuns,
  type RunEvent,
  type RunsByKey,
  type SeenRun,
} from "../../../domain/run/runs-by-key.ts";
import { type RunEventKind, savedEvents } from "../../shared/run-events/run-event-kind.ts";
import type { AgentContext } from "../projection/agent-context.ts";
import { Projection } from "../projection/projection.ts";

/** What a journal of such events says, folded. */
export function runEventsOf<E extends RunEvent, R extends SeenRun, D extends DayOfRuns, V>(
  kind: RunEventKind<E, R, D, V>,
  context: AgentContext,
) {
  const { damage, decode, journal, rules, snapshot } = kind;
  const { dueBytes, version } = snapshot;
  const { snapshot: name } = context.layout.catalogue.agent.journals[journal];
  return new Projection<RunsByKey<R, D>, ReturnType<typeof decode>>(
    context,
    context.files[journal],
    {
      empty: noRuns,
      decode,
      damageIn: (event) => (event === undefined ? damage : undefined),
      add(history, event) {
        if (event !== undefined && event !== "blank") addRunEvent(history, event, rules);
      },
    },
    {
      path: join(context.files.index, name),
      version,
      dueBytes,
      ...savedEvents(kind),
    },
  );
}
