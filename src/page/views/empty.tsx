import { exampleAgent, exampleStory } from "./example.ts";
import { Command } from "./frame/command.tsx";
import { Health } from "./notices.tsx";
import { StoryPanel } from "./story-panel.tsx";

/** Nothing is on record yet: what to do, and what there will be to see. */
export function Empty({ health }: { health: readonly string[] }) {
  return (
    <main class="empty">
      <h1>No runs yet. This page fills itself as agents report.</h1>
      <p class="mute">Leave it open: it shows each run as soon as it is recorded.</p>
      <Health lines={health} />
      <ol class="steps">
        <li class="panel padded">
          <h2>1. Connect your client</h2>
          <p>Writes the server and its hooks into this project’s settings.</p>
          <Command text="kaizen-metrics init" />
        </li>
        <li class="panel padded">
          <h2>2. Let an agent report</h2>
          <p>
            When it has finished, it calls <code>record_execution</code>. Or do it by hand:
          </p>
          <Command text="kaizen-metrics record test-writer --success" />
        </li>
        <li class="panel padded">
          <h2>3. Check its word</h2>
          <p>Your tests know better than the agent. A line after them:</p>
          <Command text="kaizen-metrics verify test-writer RUN --success --by ci" />
        </li>
      </ol>
      <div class="heading">
        <h2>What you will see</h2>
        <p>An example, not your data. Below ten runs nothing is concluded.</p>
      </div>
      <StoryPanel agent={exampleAgent} story={exampleStory} />
    </main>
  );
}
