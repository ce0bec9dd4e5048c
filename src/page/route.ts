import { useEffect, useState } from "preact/hooks";

/** The agent that is shown; `undefined` is the overview. */
export type Route = string | undefined;

const listeners = new Set<(route: Route) => void>();

/** A fragment that this page did not make shows the overview. */
function routeIn(fragment: string): Route {
  const name = /^#agent\/(.+)$/.exec(fragment)?.[1];
  if (name === undefined) return undefined;
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

function addressOf(route: Route): string {
  return route === undefined ? "#" : `#agent/${encodeURIComponent(route)}`;
}

/** Goes there, with an entry in the history if the page may make one. */
export function go(route: Route): void {
  try {
    history.pushState(null, "", addressOf(route));
  } catch {
    // A page inside a client has no address of its own.
  }
  for (const listener of listeners) listener(route);
  scrollTo(0, 0);
}

/** For links: they are real ones, and lead to a fragment of this page only. */
export function linkTo(route: Route) {
  return {
    href: addressOf(route),
    onClick(event: MouseEvent) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(route);
    },
  };
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeIn(location.hash));
  useEffect(() => {
    const read = () => setRoute(routeIn(location.hash));
    listeners.add(setRoute);
    addEventListener("hashchange", read);
    return () => {
      listeners.delete(setRoute);
      removeEventListener("hashchange", read);
    };
  }, []);
  return route;
}
