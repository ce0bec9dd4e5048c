/** JSON-RPC with the window around this one, as the extension `io.modelcontextprotocol/ui` has it. */
export interface Bridge {
  request<T>(method: string, params: unknown): Promise<T>;
  notify(method: string, params: unknown): void;
}

interface Call {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

interface Message {
  readonly jsonrpc?: string;
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: never;
  readonly result?: never;
  readonly error?: { readonly message?: string };
}

/** Only what the parent window says is heard. Its requests are answered: with nothing, or as not known. */
export function bridgeTo(
  parent: Window,
  onNotice: (method: string, params: never) => void,
  answered: readonly string[],
): Bridge {
  const waiting = new Map<unknown, Call>();
  let calls = 0;
  // The parent's origin is not known, and what is said is meant for whatever shows the page.
  const post = (message: object) => parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
  addEventListener("message", ({ source, data }: MessageEvent<Message | null>) => {
    if (source !== parent || data?.jsonrpc !== "2.0") return;
    const { error, id, method, params, result } = data;
    if (method === undefined) {
      const call = waiting.get(id);
      waiting.delete(id);
      if (error) call?.reject(new Error(error.message));
      else if (result !== undefined) call?.resolve(result);
      return;
    }
    const isKnown = id === undefined || answered.includes(method);
    if (isKnown && params !== undefined) onNotice(method, params);
    if (id !== undefined)
      post({ id, ...(isKnown ? { result: {} } : { error: { code: -32601, message: "Not known" } }) });
  });
  return {
    request: (method, params) =>
      new Promise((resolve, reject) => {
        // A whole number: clients refuse any other.
        calls += 1;
        const id = calls;
        waiting.set(id, { resolve, reject });
        post({ id, method, params });
      }),
    notify: (method, params) => post({ method, params }),
  };
}
