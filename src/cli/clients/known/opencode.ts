import { serverByPath } from "../by-path.ts";
import type { Client, Setup } from "../client.ts";
import { jsonServer } from "../entries/json-server.ts";
import { hookTimeoutS } from "../entry/hooks.ts";
import { withoutVariables } from "../entry/launch.ts";
import { fileWithOurs } from "../files/file-with-ours.ts";
import { signedFile } from "../files/signed-file.ts";
import { opencodePlugin } from "./opencode-plugin.ts";

const hooks = ["subagent-start", "subagent-stop"];

/**
 * opencode starts servers in the folder that it was started in, and puts nothing of a project in the place of variables.
 * It has no hooks of Claude Code's form, but takes code of a project's own.
 */
export const opencode: Client = {
  name: "opencode",
  title: "opencode",
  signs: { project: [".opencode", "opencode.json", "opencode.jsonc"], home: [".config/opencode"] },
  parts: (setup) => [
    {
      file: fileWithOurs(setup.project, ["opencode.json", "opencode.jsonc"]),
      edits: [
        jsonServer(
          { key: "mcp", form: ({ args, command }) => ({ type: "local", command: [command, ...args] }) },
          serverByPath(setup, rootOf(setup)),
        ),
      ],
    },
    ...(setup.withHooks
      ? [
          {
            file: ".opencode/plugins/kaizen-metrics.js",
            edits: [signedFile({ what: "plugin kaizen-metrics", text: pluginText(setup), hooks })],
          },
        ]
      : []),
  ],
  expectStartable: (setup) => void withoutVariables(rootOf(setup)),
  nextSteps: ({ launch, withHooks }) => [
    `Start opencode ${launch.kind === "local" ? "in the project's own folder" : "in the project"}. opencode mcp list shows the server.`,
    ...(withHooks ? ["The plugin needs no more: a subagent starts with its brief, and that it ran is noted."] : []),
  ],
  firstTry: "Which agents have recorded runs in this project?",
  neededHooks: hooks,
};

/** A path from the project's folder works only there, and then so does the dot. */
function rootOf({ launch, project }: Setup): string {
  return launch.kind === "local" ? "." : project;
}

function pluginText({ flags, launch, windows }: Setup): string {
  const npx = windows ? ["cmd", "/c", "npx"] : ["npx"];
  const program = launch.kind === "npx" ? [...npx, "-y", launch.packageSpec] : ["node", launch.path];
  return opencodePlugin({ program, flags, timeoutS: hookTimeoutS(launch) });
}
