import manifest from "../../package.json" with { type: "json" };
import { DEFAULT_RETENTION_DAYS } from "../domain/run/retention.ts";

/**
 * `server.json`, which describes a server to the MCP registry. The registry compares its name with `mcpName` in the
 * published package, and wants proof that the publisher owns the name's first part; see ready-to-publish.ts.
 */
export const registryEntry = {
  $schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
  name: manifest.mcpName,
  title: "Kaizen Metrics",
  description: manifest.description,
  version: manifest.version,
  packages: [
    {
      registryType: "npm",
      identifier: manifest.name,
      version: manifest.version,
      transport: { type: "stdio" },
      environmentVariables: [
        {
          name: "KAIZEN_PROJECT_ROOT",
          description: "The project's folder. Without it the server looks for the project itself.",
          format: "filepath",
        },
        {
          name: "KAIZEN_RETENTION_DAYS",
          description: "How many days runs are kept; 0 keeps them for ever.",
          format: "number",
          default: String(DEFAULT_RETENTION_DAYS),
        },
      ],
    },
  ],
};
