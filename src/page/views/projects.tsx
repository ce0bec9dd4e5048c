import type { StoreModel } from "../../domain/dashboard/view-model.ts";
import { localTimes } from "../format.ts";
import { Section } from "./frame/frame.tsx";

/** What else a team's store has: each project is a page of its own. */
export function Projects({ store: { projects } }: { store: StoreModel }) {
  if (projects.length === 0) return null;
  return (
    <Section title="Other projects" note="In the same store.">
      <ul class="padded">
        {projects.map(({ name, words }) => (
          <li key={name}>
            <a href={`?project=${encodeURIComponent(name)}`}>{name}</a> <span class="mute">{localTimes(words)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
