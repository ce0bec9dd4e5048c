import { useEffect } from "preact/hooks";
import { surroundings, useMinutes, useWidth } from "./hooks.ts";
import { useRoute } from "./route.ts";
import type { Transport } from "./transport/transport.ts";
import { useLive, useModel } from "./use-model.ts";
import { Agent } from "./views/agent.tsx";
import { Empty } from "./views/empty.tsx";
import { Header } from "./views/frame/header.tsx";
import { ProblemView } from "./views/frame/problem.tsx";
import { Overview } from "./views/overview.tsx";
import { Projects } from "./views/projects.tsx";

export function App({ transport }: { readonly transport: Transport }) {
  const route = useRoute();
  const live = useLive(transport);
  const overview = useModel(() => transport.overview(), "", live.versionOf());
  const agent = useModel(
    () => (route === undefined ? undefined : transport.agent(route)),
    route ?? "",
    live.versionOf(route ?? ""),
  );
  const [element, width] = useWidth<HTMLDivElement>();
  Object.assign(surroundings, { width, now: useMinutes(transport.kind !== "file") });
  const shown = route === undefined ? overview : agent;
  const isCut = overview.model && overview.model.agents.length < overview.model.agent_count;
  useEffect(() => {
    // A test or a client waits for it.
    if (shown.problem !== undefined) document.body.dataset.appStatus = "failed";
    else if (shown.model !== undefined) document.body.dataset.appStatus = "ready";
  }, [shown]);

  function main() {
    if (shown.problem !== undefined) return <ProblemView problem={shown.problem} agent={route} />;
    if (shown.model === undefined)
      return (
        <main role="status" class="mute">
          Reading the runs…
        </main>
      );
    if (shown.model.kind === "agent")
      return <Agent model={shown.model} transport={transport} version={live.versionOf(route)} />;
    const { agent_count: agents, health, store } = shown.model;
    return (
      <>
        {agents === 0 ? <Empty health={health} /> : <Overview model={shown.model} />}
        {store && <Projects store={store} />}
      </>
    );
  }

  return (
    <>
      <Header
        transport={transport}
        connection={live.connection}
        frame={overview.model ?? agent.model}
        runs={isCut ? undefined : overview.model?.run_count}
      />
      <div ref={element} class="page">
        <div key={route}>{width > 0 && main()}</div>
      </div>
    </>
  );
}
