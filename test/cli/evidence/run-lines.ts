import { ClaudeLines } from "../../unit/evidence/claude-lines.ts";

type Fields = Record<string, unknown>;

/** Lines of a subagent's transcript, or with no key of the main conversation's, from now on a second apart. */
export class RunLines extends ClaudeLines {
  readonly #key: string | undefined;
  readonly #cwd: string;
  readonly #from = Date.now();
  #count = 0;

  constructor(key: string | undefined, cwd: string) {
    super();
    this.#key = key;
    this.#cwd = cwd;
  }

  override add(line: Fields): this {
    const timestamp = new Date(this.#from + 1000 * this.#count++).toISOString();
    const whose = { agentId: this.#key, isSidechain: this.#key !== undefined };
    return super.add({ ...whose, cwd: this.#cwd, timestamp, version: "2.1.332", ...line });
  }

  edited(path: string): this {
    const id = `edit_${this.#count}`;
    return this.call(id, "Edit", { file_path: path, old_string: "a", new_string: "b" }).result(id, "updated");
  }

  /** A command of the shell that ended with 0. */
  ran(command: string, stdout: string): this {
    const id = `ran_${this.#count}`;
    const toolUseResult = { stdout, stderr: "", interrupted: false, isImage: false };
    return this.call(id, "Bash", { command }).result(id, stdout, { toolUseResult });
  }

  brokeOff(command: string, code: number, output: string): this {
    const id = `ran_${this.#count}`;
    return this.call(id, "Bash", { command }).failed(id, `Exit code ${code}\n${output}`);
  }

  deniedEdit(path: string): this {
    const id = `denied_${this.#count}`;
    const said = "The user doesn't want to proceed with this tool use. The tool use was rejected.";
    return this.call(id, "Edit", { file_path: path }).result(
      id,
      said,
      { toolUseResult: "User rejected tool use" },
      { is_error: true },
    );
  }

  interrupted(): this {
    return this.says([{ type: "text", text: "[Request interrupted by user]" }]);
  }
}
