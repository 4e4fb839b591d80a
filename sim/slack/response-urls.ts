import type { Ids } from "./ids.ts";
import type { Settings } from "./settings.ts";

/** What a response_url was given out for: the line of a command, or a message with its channel. */
export interface Source {
  readonly userId: string;
  readonly channelId: string;
  /** The message whose button was pressed; absent for commands and message shortcuts. */
  readonly message?: { ts: string; ephemeral: boolean };
}

interface Issued {
  readonly source: Source;
  readonly issuedAt: number;
  uses: number;
}

/** docs.slack.dev/interactivity/handling-user-interaction: five posts within thirty minutes. */
const USES = 5;

/** The first part of the path tells what it is for, as Slack's own do. */
export type Purpose = "commands" | "actions" | "app-actions" | "app";

export class ResponseUrls {
  readonly #issued = new Map<string, Issued>();
  readonly #ids: Ids;
  readonly #settings: Settings;
  readonly #base: () => string;

  constructor(ids: Ids, settings: Settings, base: () => string) {
    this.#ids = ids;
    this.#settings = settings;
    this.#base = base;
  }

  issue(purpose: Purpose, source: Source): string {
    const { team } = this.#settings;
    const path = `/${purpose}/${team.id}/${this.#ids.next("").slice(1)}/${this.#ids.secret()}`;
    this.#issued.set(path, { source, issuedAt: this.#settings.now(), uses: 0 });
    return this.#base() + path;
  }

  source(path: string): Source | undefined {
    return this.#issued.get(path)?.source;
  }

  /** Why it cannot be used any more; undefined when it can. */
  spent(path: string): "used_url" | "expired_url" | undefined {
    const issued = this.#issued.get(path);
    if (issued === undefined) return undefined;
    const age = this.#settings.now() - issued.issuedAt;
    if (age > this.#settings.timing.responseUrlMs) return "expired_url";
    return issued.uses >= USES ? "used_url" : undefined;
  }

  /** Counts a use. Only posts that were accepted count; what Slack does with refused ones is not published. */
  use(path: string): void {
    const issued = this.#issued.get(path);
    if (issued !== undefined) issued.uses += 1;
  }
}
