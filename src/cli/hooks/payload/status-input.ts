import { isJsonObject, parseJson } from "../../../domain/text/json.ts";

/** The folder that Claude Code was started in, or else the one that it is at work in, as its status line is told. */
export function folderIn(input: string): string | undefined {
  const sent = parseJson(input.replace(/^\ufeff/, ""));
  if (!isJsonObject(sent)) return undefined;
  const { cwd, workspace } = sent;
  const started = isJsonObject(workspace) ? workspace.project_dir : undefined;
  return [started, cwd].find((folder) => typeof folder === "string" && folder !== "")?.toString();
}
