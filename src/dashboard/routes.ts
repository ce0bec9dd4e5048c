import { KaizenError } from "../errors.ts";
import type { DashboardSource, RunsQuery } from "./source.ts";

/** The longest name that an agent may have is shorter; longer texts are looked for nowhere. */
const MAX_TEXT = 300;
const MAX_CURSOR = 1_000;

interface Data {
  readonly data: unknown;
  /** The agents that are shown by it. */
  readonly agents: readonly string[];
}

/** What a page asks for. Throws `NOT_FOUND` for another path, and `INVALID_ARGUMENT` for what cannot be meant. */
export async function readData(
  path: string,
  given: URLSearchParams,
  source: DashboardSource,
  signal: AbortSignal,
): Promise<Data> {
  switch (path) {
    case "/data/overview": {
      const data = await source.overview();
      return { data, agents: data.agents.map(({ name }) => name) };
    }
    case "/data/agent": {
      const agent = needed(given, "name");
      return { data: await source.agent(agent), agents: [agent] };
    }
    case "/data/runs": {
      const query = runsQuery(given);
      return { data: await source.runs(query, signal), agents: [query.agent] };
    }
    case "/data/run": {
      const [agent, id] = [needed(given, "agent"), needed(given, "id")];
      return { data: await source.run(agent, id), agents: [agent] };
    }
    default:
      throw new KaizenError("NOT_FOUND", "The dashboard has nothing there.");
  }
}

const pickedOutcomes = ["failure", "success", "refuted", "verified"] as const;

function runsQuery(given: URLSearchParams): RunsQuery {
  const outcome = given.get("outcome") || undefined;
  const picked = pickedOutcomes.find((one) => one === outcome);
  if (outcome !== undefined && picked === undefined) {
    throw invalid(`outcome is one of ${pickedOutcomes.join(", ")}.`);
  }
  return {
    agent: needed(given, "agent"),
    outcome: picked,
    text: bounded(given, "text", MAX_TEXT),
    cursor: bounded(given, "cursor", MAX_CURSOR),
  };
}

function needed(given: URLSearchParams, name: string): string {
  const text = bounded(given, name, MAX_TEXT);
  if (text === undefined) throw invalid(`${name} is missing.`);
  return text;
}

function bounded(given: URLSearchParams, name: string, most: number): string | undefined {
  const text = given.get(name) || undefined;
  if (text !== undefined && text.length > most) throw invalid(`${name} has more than ${most} characters.`);
  return text;
}

function invalid(message: string): KaizenError {
  return new KaizenError("INVALID_ARGUMENT", message);
}
