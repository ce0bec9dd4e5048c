import type { Answer, Script, Seen } from "../model/script.ts";
import { scriptedModel } from "../model/scripted-model.ts";
import { AGENT, type AgentClient, type Installable, type Start, type ToolClient } from "../programs/client.ts";
import { User } from "../user.ts";
import { EARLIER_ERROR, type Outcome, onRecord } from "./outcome.ts";
import { BRIEF_MARK, isCalled, sightOf } from "./sight.ts";
import { Witness } from "./witness.ts";

const MAIN = "MAIN-review";
const SUB = "SUB-review";

/** One conversation: the main model has the agent do something, and the agent reports its run as it was told to. */
export async function converse(client: AgentClient, installed: Omit<Start, "user">, place: string): Promise<Outcome> {
  const { user, witness } = connected(client, place);
  const isQuiet = () => (witness.isQuiet() ? true : undefined);
  // Claude Code ends a hook of a failed subagent if it ends itself; a real model would be at work still.
  const thinking = async () => {
    await user.until(isQuiet);
    return { text: "done" };
  };
  const scripts: Script[] = [
    { prompt: MAIN, answers: [...client.delegate(`${SUB} begins`), thinking] },
    { prompt: SUB, answers: client.isRefused === true ? [{ refusal: "The model is not to be had." }] : reporting() },
  ];
  await using model = await scriptedModel(scripts);
  client.prepare(user, model.url);
  const of = { ...installed, user };
  const ended = await user.run(client.line(of, `${MAIN} begins`), {
    env: client.env(of, model.url),
    lastSeen: () => model.log.slice(-5).join("\n"),
  });
  // A client need not wait for its hooks.
  await user.until(isQuiet);
  const first = (word: string) => model.requests.find(({ prompt }) => prompt.includes(word));
  const [main, sub] = [first(MAIN), first(SUB)];
  const hooks = witness.hooks();
  return {
    era: witness.era(),
    main: sightOf(main?.told ?? "", [...(main?.tools.keys() ?? [])]),
    sub: sub && sightOf(sub.told, [...sub.tools.keys()]),
    ...onRecord(user),
    errors: [
      ...(ended.status === 0 ? [] : [`it ended with ${ended.status}`]),
      ...client.complaints(user, ended).filter((line) => /hook|kaizen-metrics|main\.js/i.test(line)),
      ...hooks
        .filter(({ status, stderr }) => status !== 0 || stderr !== "")
        .map(({ args, status, stderr }) => `${args}: status ${status} ${stderr.trim()}`),
    ],
    log: [...hooks.map(({ args }) => args), ...model.log, ended.stdout.slice(-2_000), ended.stderr.slice(-2_000)],
  };
}

/** A person lists the tools, and records a run. */
export async function callTools(client: ToolClient, installed: Omit<Start, "user">, place: string): Promise<Outcome> {
  const { user, witness } = connected(client, place);
  const of = { ...installed, user };
  const listed = await user.run(client.list(of));
  const called = await user.run(client.call(of, "record_execution", { agent: AGENT, success: "true" }));
  const names = [...listed.stdout.matchAll(/\b[a-z]+_[a-z_]+\b/g)].map(([name]) => `kaizen-metrics/${name}`);
  return {
    era: witness.era(),
    main: sightOf(listed.stdout, names),
    sub: undefined,
    ...onRecord(user),
    errors: [listed, called].flatMap(({ status, stderr }) => (status === 0 ? [] : [`ended with ${status}: ${stderr}`])),
    log: [listed.stdout.slice(-1_000), called.stdout, called.stderr],
  };
}

/** A project that the client is connected to, with runs behind it. */
function connected({ initAs, isLocal }: Installable, place: string): { user: User; witness: Witness } {
  const user = new User(place);
  if (isLocal === true) user.installsProgram();
  const failed = ["--failure", "--error-type", EARLIER_ERROR, "--error", BRIEF_MARK];
  for (const _ of [1, 2]) user.kaizen("record", AGENT, ...failed);
  for (const name of initAs) user.kaizen("init", "--client", name);
  return { user, witness: new Witness(user) };
}

/** Claude Code's tool that loads another of which only the name is known. */
const SEARCH = "ToolSearch";

/** What the agent does: it calls the tool that it is shown, with the id that stands in its brief. */
function reporting(): Script["answers"] {
  let isReported = false;
  const next = ({ told, tools }: Seen): Answer => {
    const tool = [...tools.keys()].find((name) => isCalled(name, "record_execution"));
    const name = /\bmcp__[\w-]*__record_execution\b/.exec(told)?.[0];
    if (!isReported && tool === undefined && name !== undefined && tools.has(SEARCH))
      return { tool: SEARCH, input: { query: `select:${name}` } };
    if (isReported || tool === undefined) return { text: "done" };
    isReported = true;
    const key = /idempotency_key \\+"([\w.:@+-]+)\\+"/.exec(told)?.[1];
    return { tool, input: { agent: AGENT, success: true, task: "review", ...(key && { idempotency_key: key }) } };
  };
  return [next, next];
}
