import { render } from "preact";
import { App } from "./app.tsx";
import { go } from "./route.ts";
import { wearKeptTheme } from "./theme.ts";
import { fileTransport } from "./transport/file.ts";
import { httpTransport } from "./transport/http.ts";
import { mcpTransport } from "./transport/mcp.ts";
import type { Transport } from "./transport/transport.ts";

/** A file carries its model, a client shows the page in a frame, and otherwise a program serves it. */
function transportHere(): Transport {
  const model = document.getElementById("model")?.textContent;
  if (model) return fileTransport(model);
  return window.parent === window ? httpTransport() : mcpTransport(window.parent, go);
}

const root = document.getElementById("app");
if (root !== null) {
  wearKeptTheme();
  render(<App transport={transportHere()} />, root);
}
