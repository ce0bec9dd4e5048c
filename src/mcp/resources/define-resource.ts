import type { Kaizen } from "../../kaizen/kaizen.ts";
import type { AgentView } from "../shown/uris.ts";

interface ResourceText {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: "application/json" | "text/markdown";
}

/** One address, one text. */
export interface FixedResource extends ResourceText {
  readonly uri: string;
  /** `undefined` if there is nothing to read yet; else when it last changed, if that is known. */
  lastChange(kaizen: Kaizen): Promise<{ readonly at?: string } | undefined>;
  read(kaizen: Kaizen): Promise<string>;
}

/** One text for each agent. */
export interface AgentResource extends ResourceText {
  readonly view: AgentView;
  read(kaizen: Kaizen, agent: string): Promise<string>;
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
