import {
  CompleteRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { nearestName } from "../../domain/text/nearest-name.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import type { Log } from "../../log.ts";
import { type App, linkedToApp, readApp, showsApps } from "../app/app.ts";
import { aboutResource, invalidParams, isWithoutStore, toolErrorText, toProtocolError } from "../frame/errors.ts";
import { tools } from "../tools/index.ts";
import { complete } from "./completions.ts";
import type { Capabilities } from "./era.ts";
import { type Answer, answerTo, namedCall } from "./handle-request.ts";
import { getPrompt, listPrompts } from "./prompt-requests.ts";
import { listResources, listResourceTemplates, listWithoutProject, readResource } from "./resource-requests.ts";
import { listenRequestSchema, Streams, type StreamsOptions } from "./streams.ts";
import { Subscriptions, type Tell } from "./subscriptions.ts";

export interface AnswersOptions {
  readonly log: Log;
  kaizen(): Promise<Kaizen>;
  readonly app: App | undefined;
  /** How often is looked for changes of other processes, while something is subscribed; as the store has it, if left out. */
  readonly intervalMs: number | undefined;
  /** How a client of the legacy era is told. */
  readonly tell: Tell;
  readonly notify: StreamsOptions["notify"];
}

/** What is behind the handshake. */
export interface Answers {
  readonly byMethod: ReadonlyMap<string, Answer>;
  /** Ends what clients listen to, also what one is about to listen to. */
  endStreams(): void;
  close(): void;
}

/** Answers what a client asks about a project. It does nothing by itself: the project is opened at the first need. */
export function answersOf({ app, intervalMs, kaizen, log, notify, tell }: AnswersOptions): Answers {
  const watch = (to: Tell) => new Subscriptions({ kaizen, log, intervalMs, ...to });
  const subscriptions = watch(tell);
  const streams = new Streams({
    watch,
    notify,
    onNoStore: (error) => log.info(`nothing to listen to: ${toolErrorText(error, log)}`),
  });
  const appFor = (client: Capabilities | undefined) => (showsApps(client) ? app : undefined);
  const answers = [
    answerTo(ListToolsRequestSchema, async (_params, client) => {
      const listed = tools.map((tool) => tool.listing());
      return { tools: appFor(client.capabilities) === undefined ? listed : listed.map(linkedToApp) };
    }),

    answerTo(namedCall("tools/call"), async ({ name, arguments: args }) => {
      const tool = tools.find((known) => known.name === name);
      if (tool === undefined) throw unknownTool(name);
      try {
        return await tool.call(kaizen, args);
      } catch (error) {
        return { isError: true, content: [{ type: "text", text: toolErrorText(error, log) }] };
      } finally {
        if (tool.writes) {
          subscriptions.written();
          streams.written();
        }
      }
    }),

    answerTo(ListResourcesRequestSchema, async (params, { era }) => {
      const project = await kaizen().catch((error: unknown) => {
        // Clients list at once, and some give up a server whose list fails; reading says what is wrong.
        if (isWithoutStore(error)) return undefined;
        throw error;
      });
      if (project === undefined) return listWithoutProject();
      // In the modern era a client is told only what it listens to.
      if (era === "legacy" && params?.cursor === undefined) await subscriptions.watchList("without looks");
      return project.network.asOneCall(() => listResources(project, params?.cursor));
    }),
    answerTo(ListResourceTemplatesRequestSchema, async () => listResourceTemplates()),
    answerTo(ReadResourceRequestSchema, async ({ uri }, client) => {
      const app = appFor(client.capabilities);
      try {
        return (app && (await readApp(app, kaizen, uri))) ?? (await readResource(kaizen, uri));
      } catch (error) {
        throw aboutResource(uri, toProtocolError(error, log));
      }
    }),
    answerTo(SubscribeRequestSchema, async ({ uri }) => {
      await subscriptions.subscribe(uri);
      return {};
    }),
    answerTo(UnsubscribeRequestSchema, async ({ uri }) => {
      subscriptions.unsubscribe(uri);
      return {};
    }),
    answerTo(listenRequestSchema, ({ notifications }, { id, signal }) => streams.listen(notifications, id, signal)),

    answerTo(ListPromptsRequestSchema, async () => listPrompts()),
    answerTo(namedCall("prompts/get"), (params) => getPrompt(kaizen, params)),
    answerTo(CompleteRequestSchema, (params) => complete(kaizen, params)),
  ];
  return {
    byMethod: new Map(answers.map((answer) => [answer.method, answer])),
    endStreams: () => streams.end(),
    close: () => {
      subscriptions.close();
      streams.end();
    },
  };
}

function unknownTool(name: string): Error {
  const names = tools.map((tool) => tool.name);
  const nearest = nearestName(name, names);
  const meant = nearest === undefined ? `There are: ${names.join(", ")}.` : `Did you mean "${nearest}"?`;
  return invalidParams(`There is no tool ${JSON.stringify(name.slice(0, 80))}. ${meant}`);
}
