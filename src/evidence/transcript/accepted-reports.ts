/** A report of a run that was accepted, as it was called for. */
export interface AcceptedReport {
  readonly agent: string | undefined;
  readonly key: string | undefined;
  /** The id that the run got; `undefined` while it is only called for. */
  readonly id?: string;
}

/** Under whatever name the client knows the server. */
const recordingTool = /^mcp__.{1,200}__record_execution$/;
/** The id in the answer says that the run is on disk; a refusal has none. */
const runId = /run_[0-9a-f]{20}/;
/** An agent reports once, or a few times; more are not told apart. */
const MOST_REPORTS = 1000;

/** The reports that this program has taken, by the calls of its tool and their answers. */
export class AcceptedReports {
  readonly all: AcceptedReport[] = [];
  readonly #calls = new Map<string, AcceptedReport>();

  call(id: string, tool: string, report: () => AcceptedReport): void {
    if (recordingTool.test(tool) && this.#calls.size < MOST_REPORTS) this.#calls.set(id, report());
  }

  answer(id: string, isError: boolean, text: () => string): void {
    const call = this.#calls.get(id);
    if (call === undefined || isError || this.all.length >= MOST_REPORTS) return;
    const [found] = runId.exec(text()) ?? [];
    if (found !== undefined) this.all.push({ ...call, id: found });
  }
}
