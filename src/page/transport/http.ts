import type { RunModel, RunsModel } from "../../domain/dashboard/run-models.ts";
import type { AgentModel, OverviewModel } from "../../domain/dashboard/view-model.ts";
import { keep, kept } from "../kept.ts";
import { liveChanges } from "./live.ts";
import { PageProblem, type Transport } from "./transport.ts";

// What the page asks of the program that serves it. Everything is GET, relative to the page's address, and JSON.
//
//   session?code=CODE                              {"token": "..."} once for a code; 401 if it is used or too old
//   data/overview                                  OverviewModel
//   data/agent?name=NAME                           AgentModel; 404 if there is no such agent
//   data/runs?agent=NAME&outcome=&text=&cursor=     RunsModel of some runs; `outcome` is success, failure, refuted or
//                                                  verified
//   data/run?agent=NAME&id=ID                      RunModel; 404 if there is no such run
//   live                                           a stream of lines: {"changed": ["agent", ...]}, or {} to say that
//                                                  all is well, at least every 15 seconds
//
// All but `session` carry `Authorization: Bearer TOKEN`, and answer 401 if it is not the one of this start. Another answer
// that is not 2xx carries {"error": {"message": "..."}}, which is shown. The address that is printed ends with `#k=CODE`, or with
// `#k=CODE&agent/NAME` to begin with an agent.

const tokenName = "kaizen-token";

export function httpTransport(): Transport {
  const session = openSession();
  const get = async <T>(path: string, query: Record<string, string | undefined>, signal?: AbortSignal): Promise<T> =>
    (await ask(address(path, query), await session, signal)).json();
  return {
    kind: "http",
    overview: () => get<OverviewModel>("data/overview", {}),
    agent: (name) => get<AgentModel>("data/agent", { name }),
    runs: (query, signal) => get<RunsModel>("data/runs", { ...query }, signal),
    run: (agent, id) => get<RunModel>("data/run", { agent, id }),
    watch: (onChange, onState) =>
      liveChanges(async (signal) => ask(address("live", {}), await session, signal), onChange, onState),
  };
}

function address(path: string, query: Record<string, string | undefined>): string {
  // A team's other project stands in the address: the page is loaded for one.
  const search = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  return search.size === 0 ? path : `${path}?${search}`;
}

async function ask(path: string, token: string | undefined, signal?: AbortSignal): Promise<Response> {
  if (token === undefined) throw new PageProblem("expired");
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(path, { headers, cache: "no-store", signal: signal ?? null }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new PageProblem("unreachable");
  });
  if (response.ok) return response;
  if (response.status === 401) throw new PageProblem("expired");
  const { error }: { error?: { message?: string } } = await response.json().catch(() => ({}));
  const kind = response.status === 404 ? "missing" : response.status === 502 ? "away" : "failed";
  throw new PageProblem(kind, error?.message);
}

/**
 * The token, for the code in the address or from an earlier load of the page in this tab. The code is taken out of the
 * address at once: it would stay in the history.
 */
async function openSession(): Promise<string | undefined> {
  const code = /^#k=([\w-]+)(?:&(.*))?$/.exec(location.hash);
  if (code === null) return kept("sessionStorage", tokenName);
  history.replaceState(null, "", `${location.pathname}${location.search}${code[2] ? `#${code[2]}` : ""}`);
  const response = await fetch(address("session", { code: code[1] }), { cache: "no-store" }).catch(() => undefined);
  if (response === undefined) throw new PageProblem("unreachable");
  if (!response.ok) return kept("sessionStorage", tokenName);
  const { token }: { token: string } = await response.json();
  keep("sessionStorage", tokenName, token);
  return token;
}
