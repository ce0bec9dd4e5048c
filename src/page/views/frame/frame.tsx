import type { ComponentChildren } from "preact";
import { linkTo } from "../../route.ts";

interface Children {
  readonly children: ComponentChildren;
}

/** A part of the page with its heading, and what it says of itself. */
export function Section({ children, note, title }: Children & { title: string; note: string }) {
  return (
    <section aria-label={title}>
      <div class="heading">
        <h2>{title}</h2>
        <p>{note}</p>
      </div>
      <div class="panel">{children}</div>
    </section>
  );
}

/** Something that is closed until it is asked for. */
export function Details({ children, title }: Children & { title: string }) {
  return (
    <details>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

/** What a chart shows, for people who would rather read it. */
export function AsTable({ children }: Children) {
  return (
    <Details title="The same as a table">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <section class="scroll" aria-label="The table" tabIndex={0}>
        {children}
      </section>
    </Details>
  );
}

export function AgentLink({ name, isStrong = false }: { name: string; isStrong?: boolean }) {
  return (
    <a class={isStrong ? "name" : "plain"} {...linkTo(name)}>
      {name}
    </a>
  );
}

/** The way back to the overview. */
export function AllAgents() {
  return (
    <nav aria-label="Back">
      <a class="plain mute" {...linkTo(undefined)}>
        ← Agents
      </a>
    </nav>
  );
}

/** Sentences, each on a line of its own. */
export function Sentences({ all }: { all: readonly string[] }) {
  return (
    <ul>
      {all.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
