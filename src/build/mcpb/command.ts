import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const manifestSchema = z.object({
  server: z.object({
    mcp_config: z.object({
      command: z.string(),
      args: z.array(z.string()),
      env: z.record(z.string(), z.string()),
    }),
  }),
  user_config: z.record(z.string(), z.object({ default: z.union([z.string(), z.number(), z.boolean()]).optional() })),
});

export interface McpbCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What a client runs for an unpacked bundle: its manifest's command, with the folder and the person's settings put in
 * (https://github.com/modelcontextprotocol/mcpb, MANIFEST.md, "Variable Substitution").
 */
export function mcpbCommand(folder: string, settings: Readonly<Record<string, string>>): McpbCommand {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")));
  const values = new Map<string, string>([["__dirname", folder]]);
  for (const [key, setting] of Object.entries(manifest.user_config)) {
    const value = settings[key] ?? setting.default;
    if (value !== undefined) values.set(`user_config.${key}`, String(value));
  }
  const filledIn = (text: string) =>
    text.replaceAll(/\$\{([^}]+)\}/g, (whole, key: string) => values.get(key) ?? whole);
  const { command, args, env } = manifest.server.mcp_config;
  return {
    command,
    args: args.map(filledIn),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filledIn(value)])),
  };
}
