import { KaizenError } from "../errors.ts";
import type { DashboardSource, RunsQuery } from "./source.ts";

/** The longest name that an agent may have is shorter; longer texts are looked for nowhere. */
const MAX_TEXT = 300;
const MAX_CURSOR = 1_000;

interface Data {
  /** The agent that is asked for. */
  readonly agent?: string;
  read(source: DashboardSource, signal: AbortSignal): Promise<unknown>;
}

/** What a page asks for. Throws `NOT_FOUND` for another path, and `INVALID_ARGUMENT` for what cannot be meant. */
export function dataAt(path: string, given: URLSearchParams): Data {
  switch (path) {
    case "/data/overview":
      return { read: (source) => source.overview() };
    case "/data/agent": {
      const agent = needed(given, "name");
      return { agent, read: (source) => source.agent(agent) };
    }
    case "/data/runs": {
      const query = runsQuery(given);
      return { agent: query.agent, read: (source, signal) => source.runs(query, signal) };
    }
    case "/data/run": {
      const [agent, id] = [needed(given, "agent"), needed(given, "id")];
      return { agent, read: (source) => source.run(agent, id) };
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
    all: given.get("all") === "1" || given.get("all") === "true",
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
