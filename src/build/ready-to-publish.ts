import manifest from "../../package.json" with { type: "json" };
import { PUBLISHED_AS } from "../cli/clients/entry/launch.ts";

// `npm publish` runs this first. What it misses can be filled in only once the project has a public address.

const missing = [
  manifest.mcpName.startsWith("com.example/")
    ? '"mcpName" in package.json: a name under an address that you own, such as io.github.<account>/kaizen-metrics'
    : undefined,
  "repository" in manifest
    ? undefined
    : '"repository" in package.json (with "homepage" and "bugs" where there are any): where the source is',
  PUBLISHED_AS === manifest.name
    ? undefined
    : `PUBLISHED_AS in src/cli/clients/entry/launch.ts: "${manifest.name}", so that init may name the package to npx from then on`,
].filter((line) => line !== undefined);

if (missing.length > 0) {
  process.stderr.write(`Before it is published, fill in:\n${missing.map((line) => `- ${line}\n`).join("")}`);
  process.exitCode = 1;
}
