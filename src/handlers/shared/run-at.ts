import type { Run } from "../../runs/run.ts";
import type { HandlerContext } from "./context.ts";

/** The run whose page a URL is: Arga's id stands in its path. A beginning of an id, or our own, is no page. */
export async function runAt(context: HandlerContext, team: string, url: string): Promise<Run | undefined> {
  for (const id of idsIn(url)) {
    const [run] = await context.store.find(team, id, ({ arga }) => arga?.id.toLowerCase() === id);
    if (run) return run;
  }
  return undefined;
}

/** Parts of a URL's path that may be Arga's id of a run: `/runs/ID`, `/validate/ID`, and whatever else there may be. */
export function idsIn(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const parts = new URL(url).pathname.toLowerCase().split("/");
  return parts.filter((part) => /^[\w-]{8,64}$/.test(part)).slice(0, 4);
}
