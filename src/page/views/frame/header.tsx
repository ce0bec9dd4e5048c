import { useState } from "preact/hooks";
import type { OverviewModel } from "../../../domain/dashboard/view-model.ts";
import { counted, fullMoment } from "../../format.ts";
import { Icon } from "../../marks/icon.tsx";
import { shownTheme, wear } from "../../theme.ts";
import type { Connection, Transport } from "../../transport/transport.ts";

interface HeaderProps {
  readonly transport: Transport;
  readonly connection: Connection | undefined;
  readonly frame: Pick<OverviewModel, "project" | "generated_at" | "store"> | undefined;
  readonly runs: number | undefined;
}

export function Header({ connection, frame, runs, transport }: HeaderProps) {
  const [theme, setTheme] = useState(shownTheme);
  const other = theme === "dark" ? "light" : "dark";
  const count = runs === undefined ? "" : counted(runs, "run");
  const said =
    connection === "copy" ? (
      transport.kind === "file" && frame ? (
        `a copy of ${fullMoment(frame.generated_at)}`
      ) : (
        count
      )
    ) : (
      <>
        <i />
        {connection === "live" ? `live${count && ` · ${count}`}` : connection}
      </>
    );
  return (
    <header>
      <span class="brand">
        <Logo />
        kaizen
      </span>
      <span class="project">
        {frame?.project}
        {frame?.store && ` · ${frame.store.name}`}
      </span>
      <span class={`lamp ${connection}`} role="status">
        {said}
      </span>
      {transport.kind !== "mcp" && (
        <button type="button" onClick={() => setTheme(wear(other))} aria-label={`Show it ${other}`}>
          <Icon name="half" />
        </button>
      )}
    </header>
  );
}

function Logo() {
  return (
    <svg class="logo" width={22} height={22} aria-hidden="true">
      <path d="M3 12v8" />
      <path d="M9 9v11" class="mute" />
      <path d="M15 3v17" class="ok" />
      <path d="M19.5 2v18" class="cut adv" />
    </svg>
  );
}
