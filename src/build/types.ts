import { join } from "node:path";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { checkout } from "./bundle.ts";

// `npm run build:types`: the declarations of the public API, in one file that stands alone. Zod's are taken in, since
// the package brings no other one along. It takes seconds, so it is not part of `npm run build`, which each test run does.

const bundle = await rollup({
  input: join(checkout, "src", "index.ts"),
  external: [/^node:/],
  plugins: [dts({ includeExternal: ["zod"], tsconfig: join(checkout, "tsconfig.json") })],
});
await bundle.write({ file: join(checkout, "dist", "index.d.ts"), format: "es" });
await bundle.close();
