import * as z from "zod";
import type { Run } from "../runs/run.ts";
import type { SlackWeb } from "./web.ts";

const address = z.url({ protocol: /^https?$/ });
const auth = z.object({ url: address });

/** Slack that did not say is asked again after this time, in ms. */
const AGAIN_MS = 60_000;

/** Links to cards. A permalink is the workspace's address and the message's place, so that none needs a call of its own. */
export class CardLinks {
  readonly #slack: SlackWeb;
  readonly #workspaces = new Map<string, { url: Promise<string | undefined>; asked: number }>();

  constructor(slack: SlackWeb) {
    this.#slack = slack;
  }

  /** The address of a workspace, where Slack said it anyway. */
  know(team: string, url: string | undefined): void {
    const known = address.safeParse(url).data;
    if (known) this.#workspaces.set(team, { url: Promise.resolve(known), asked: Date.now() });
  }

  /** The address of a run's card; undefined while there is none, or the workspace's address isn't known. */
  async to(run: Run): Promise<string | undefined> {
    return run.card.state === "posted" ? (await this.of(run.team))(run) : undefined;
  }

  /** What makes the links of a workspace; they are left out while its address is not known. */
  async of(team: string): Promise<(run: Run) => string | undefined> {
    const base = await this.#workspace(team);
    return (run) => (base === undefined ? undefined : permalink(base, run));
  }

  async #workspace(team: string): Promise<string | undefined> {
    const known = this.#workspaces.get(team);
    if (known && ((await known.url) !== undefined || Date.now() - known.asked < AGAIN_MS)) return known.url;
    const url = this.#slack.call(team, "auth.test", {}).then(
      (answer) => auth.safeParse(answer).data?.url,
      () => undefined,
    );
    this.#workspaces.set(team, { url, asked: Date.now() });
    return await url;
  }
}

function permalink(base: string, { card, channel, threadTs }: Run): string | undefined {
  if (card.state !== "posted") return undefined;
  const url = new URL(`archives/${channel}/p${card.ts.replace(".", "")}`, base);
  if (threadTs) url.search = String(new URLSearchParams({ thread_ts: threadTs, cid: channel }));
  return url.href;
}
