import type { RequestId, Result } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import type { KaizenError } from "../../errors.ts";
import { invalidParams, isWithoutStore } from "../frame/errors.ts";
import { MAX_SUBSCRIPTIONS, type Subscriptions, type Tell } from "./subscriptions.ts";

/** Each is a request under way; the transport works on 64 at a time, and the others must find room. */
const MAX_STREAMS = 16;

const SUBSCRIPTION_ID = "io.modelcontextprotocol/subscriptionId";

/** What a client wants to hear of. Lists of tools and prompts never change here, so those wishes are left out of the answer. */
const filterSchema = z.object({
  resourcesListChanged: z.boolean().optional(),
  resourceSubscriptions: z.array(z.string()).optional(),
});

export const listenRequestSchema = z.object({
  method: z.literal("subscriptions/listen"),
  params: z.object({ notifications: filterSchema }),
});

type Filter = z.infer<typeof filterSchema>;

export interface StreamsOptions {
  watch(tell: Tell): Subscriptions;
  notify(method: string, params: object): Promise<void>;
  /** Told that a stream has nothing to tell, since no project was found, or not the store that it has. */
  onNoStore(error: KaizenError): void;
}

interface Stream {
  readonly subscriptions: Subscriptions;
  readonly watched: number;
  end(): void;
}

/**
 * What clients of the modern era listen to. A stream is a request that is answered when it ends: until then its notes come,
 * each with the request's id. Its client ends it by a cancellation, and we by `end`.
 */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #open = new Set<Stream>();
  #hasEnded = false;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  async listen(filter: Filter, id: RequestId, signal: AbortSignal): Promise<Result> {
    const uris = [...new Set(filter.resourceSubscriptions)];
    this.#expectRoom(uris.length);
    const _meta = { [SUBSCRIPTION_ID]: id };
    const notify = (method: string, params: object) => this.#options.notify(method, { ...params, _meta });
    let isOpen = false;
    const acknowledged = deferred();
    const note = async (method: string, params: object) => {
      await acknowledged.promise;
      if (isOpen && !signal.aborted) await notify(method, params);
    };
    const subscriptions = this.#options.watch({
      tellUpdated: (uri) => note("notifications/resources/updated", { uri }),
      tellListChanged: () => note("notifications/resources/list_changed", {}),
    });
    const ended = deferred();
    const stream: Stream = { subscriptions, watched: uris.length, end: ended.resolve };
    this.#open.add(stream);
    signal.addEventListener("abort", () => {
      // At once: who cancels a stream may open another with the next line.
      this.#open.delete(stream);
      stream.end();
    });
    try {
      const agreed = await this.#begin(subscriptions, uris, filter.resourcesListChanged === true);
      if (!signal.aborted) await notify("notifications/subscriptions/acknowledged", { notifications: agreed });
      isOpen = true;
      acknowledged.resolve();
      if (!signal.aborted && !this.#hasEnded) await ended.promise;
      return { _meta };
    } finally {
      isOpen = false;
      acknowledged.resolve();
      subscriptions.close();
      this.#open.delete(stream);
    }
  }

  /** To be called after a write of our own. */
  written(): void {
    for (const { subscriptions } of this.#open) subscriptions.written();
  }

  /** Answers every stream, also one that is about to begin, so that nothing is in flight because of it. */
  end(): void {
    this.#hasEnded = true;
    for (const stream of this.#open) stream.end();
  }

  #expectRoom(wanted: number): void {
    if (this.#open.size >= MAX_STREAMS)
      throw invalidParams(`There are ${MAX_STREAMS} streams already: cancel one first.`);
    const watched = [...this.#open].reduce((sum, stream) => sum + stream.watched, 0);
    if (watched + wanted <= MAX_SUBSCRIPTIONS) return;
    throw invalidParams(
      `All streams together watch ${MAX_SUBSCRIPTIONS} resources at most, and ${watched} are watched.`,
    );
  }

  /** Begins to watch, and gives what of the filter is kept to. */
  async #begin(subscriptions: Subscriptions, uris: readonly string[], list: boolean): Promise<Filter> {
    try {
      for (const uri of uris) await subscriptions.subscribe(uri);
      if (list) await subscriptions.watchList("with looks");
    } catch (error) {
      // Clients listen at once, and the protocol has them look at what was agreed; a call that fails says what is wrong.
      if (!isWithoutStore(error)) throw error;
      this.#options.onNoStore(error);
      return {};
    }
    return {
      ...(list ? { resourcesListChanged: true } : {}),
      ...(uris.length > 0 ? { resourceSubscriptions: [...uris] } : {}),
    };
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
