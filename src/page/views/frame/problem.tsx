import { PageProblem } from "../../transport/transport.ts";
import { Command } from "./command.tsx";
import { AllAgents } from "./frame.tsx";

/** What to say of each kind: in a line, and what to do about it. */
const texts: Record<PageProblem["kind"], readonly [said: string, more: string, command: string]> = {
  expired: [
    "This page’s key has expired.",
    "Each start of the dashboard has its own. Run it again:",
    "kaizen-metrics dashboard",
  ],
  unreachable: ["The dashboard has ended.", "Nothing is lost. Run it again:", "kaizen-metrics dashboard"],
  // The store says which it is.
  away: ["", "It is tried again. More about it:", "kaizen-metrics doctor"],
  missing: ["It is not on record any more.", "The agents that there are:", "kaizen-metrics agents"],
  failed: ["This cannot be shown.", "More about it:", "kaizen-metrics doctor"],
};

const kindOf = (problem: unknown) => (problem instanceof PageProblem ? problem.kind : "failed");

/** Why something cannot be shown, in a sentence. */
export function problemText(problem: unknown): string {
  return (problem instanceof PageProblem && problem.message) || texts[kindOf(problem)][0];
}

/** The whole page, if there is nothing else to show. */
export function ProblemView({ problem, agent }: { problem: unknown; agent: string | undefined }) {
  const [, more, command] = texts[kindOf(problem)];
  return (
    <main>
      <h1>{problemText(problem)}</h1>
      <p class="mute">{more}</p>
      <Command text={command} />
      {agent !== undefined && <AllAgents />}
    </main>
  );
}
