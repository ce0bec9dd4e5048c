import { type Connection, PageProblem } from "./transport.ts";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;
/** After so many attempts in vain the program is taken to have ended; the page goes on looking for it. */
const ATTEMPTS = 4;
/** Without a word for so long, the connection is taken to be dead: the program says that all is well more often. */
const SILENCE_MS = 40_000;

/**
 * Follows a stream of lines of JSON that name what has changed, and connects again whenever it ends. What happened in
 * between is not known, so a new connection counts as a change of everything.
 */
export async function liveChanges(
  connect: (signal: AbortSignal) => Promise<Response>,
  onChange: (agents: readonly string[]) => void,
  onState: (state: Connection) => void,
): Promise<void> {
  let attempts = 0;
  let wasConnected = false;
  for (;;) {
    const abort = new AbortController();
    try {
      const response = await connect(abort.signal);
      attempts = 0;
      onState("live");
      if (wasConnected) onChange([]);
      wasConnected = true;
      await readLines(response, abort, onChange, onState);
    } catch (error) {
      if (error instanceof PageProblem && error.kind === "expired") return onState("stopped");
    }
    abort.abort();
    attempts += 1;
    onState(attempts > ATTEMPTS ? "stopped" : "reconnecting");
    await pause(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempts - 1)));
  }
}

async function readLines(
  response: Response,
  abort: AbortController,
  onChange: (agents: readonly string[]) => void,
  onState: (state: Connection) => void,
): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  let rest = "";
  for (;;) {
    const silence = setTimeout(() => abort.abort(), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    const lines = `${rest}${value}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const { changed, is_away }: Line = JSON.parse(line);
      onState(is_away ? "store unreachable" : "live");
      if (changed) onChange(changed);
    }
  }
}

/** What the program says: that all is well, what has changed, none being all, or that its store does not answer. */
interface Line {
  readonly changed?: readonly string[];
  readonly is_away?: boolean;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
