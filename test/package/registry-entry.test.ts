import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import manifest from "../../package.json" with { type: "json" };
import { checkout } from "../support/server-process.ts";

const entry = JSON.parse(readFileSync(join(checkout, "dist", "server.json"), "utf8"));

/** What the registry's schema of 2025-12-11 and its own rules ask of the fields that are used here, and no others. */
const entrySchema = z.strictObject({
  $schema: z.literal("https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: z
    .string()
    .max(255)
    .regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/),
  packages: z.array(
    z.strictObject({
      registryType: z.literal("npm"),
      identifier: z.string(),
      version: z.string().min(1).max(255),
      transport: z.strictObject({ type: z.literal("stdio") }),
      environmentVariables: z.array(
        z.strictObject({
          name: z.string(),
          description: z.string(),
          format: z.enum(["string", "number", "boolean", "filepath"]),
          default: z.string().optional(),
        }),
      ),
    }),
  ),
});

test("server.json has the form that the registry asks for", () => {
  expect(() => entrySchema.parse(entry)).not.toThrow();
});

test("server.json describes this package, in this version", () => {
  expect(entry).toMatchObject({
    name: manifest.mcpName,
    description: manifest.description,
    version: manifest.version,
    packages: [{ identifier: manifest.name, version: manifest.version }],
  });
});
