import type { EphemeralMessage, Slack, SlackMessage, View } from "../slack/server.ts";
import { drawBlocks } from "./blocks.ts";
import type { Reader } from "./mrkdwn.ts";
import type { Screen } from "./screen.ts";

/** Who looks at which channel. */
export interface Viewpoint {
  user: string;
  channel: string;
}

interface News {
  at: number;
  show: () => void;
}

type Version = Pick<SlackMessage, "text" | "blocks" | "at">;

/** As long as Node's timers go: the demo ends it. */
const FOREVER_MS = 2 ** 31 - 1;

/** Shows what changes in a channel, its threads, and before one person's eyes alone. */
export class Watcher {
  readonly #slack: Slack;
  readonly #screen: Screen;
  readonly #viewpoint: Viewpoint;
  /** How many versions of a message were shown, by ts. */
  readonly #shown = new Map<string, number>();
  #modal = "";
  #logged = -1;

  constructor(slack: Slack, screen: Screen, viewpoint: Viewpoint) {
    this.#slack = slack;
    this.#screen = screen;
    this.#viewpoint = viewpoint;
  }

  /** Looks after each thing that happens in the workspace, from now on. */
  start(): void {
    const probe = (): false => {
      if (this.#slack.log.length !== this.#logged) this.look();
      return false;
    };
    this.#slack.until(probe, FOREVER_MS).catch(() => {});
  }

  /** Shows what was not shown yet. */
  look(): void {
    this.#logged = this.#slack.log.length;
    const { user, channel } = this.#viewpoint;
    const cards = this.#slack.messages(channel);
    const replies = cards.flatMap(({ ts }) => this.#slack.messages(channel, { thread: ts }));
    const news = [
      ...cards.flatMap((message) => this.#newsOf(message, cardTitle)),
      ...replies.flatMap((message) => this.#newsOf(message, () => "in the thread")),
      ...this.#slack.ephemerals(user).flatMap((message) => this.#newsOf(message, () => "alone")),
    ];
    for (const { show } of news.sort((a, b) => a.at - b.at)) show();
    this.#lookAtModal(this.#slack.views(user).at(-1));
  }

  #newsOf(message: SlackMessage | EphemeralMessage, title: (version: number) => string): News[] {
    const versions: Version[] = [...message.history, message];
    const seen = this.#shown.get(message.ts) ?? 0;
    this.#shown.set(message.ts, versions.length);
    return versions.slice(seen).map((version, i) => ({
      at: version.at,
      show: () => this.#show(title(seen + i), version, versions[seen + i - 1]),
    }));
  }

  #show(title: string, version: Version, before?: Version): void {
    const { ink } = this.#screen;
    const { user } = this.#viewpoint;
    const isAlone = title === "alone";
    const paint = isAlone ? ink.alone : ink.bot;
    const words = isAlone ? `only ${user} sees` : title;
    this.#screen.event(paint(words), this.#drawn(version, paint(isAlone ? "┊" : "┃"), before));
  }

  #drawn({ text, blocks }: Pick<Version, "text" | "blocks">, bar: string, before?: Version): string[] {
    const { ink } = this.#screen;
    const all = blocks.length > 0 ? blocks : [{ type: "section", text: { type: "mrkdwn", text } }];
    const reader = { ...this.#reader(), room: this.#screen.room - 2 };
    return drawBlocks(all, reader, before?.blocks).flatMap(({ lines, same }) =>
      lines.map((line) => `${bar} ${same ? ink.dim(line) : line}`),
    );
  }

  #reader(): Reader {
    const named = [...this.#slack.users(), ...this.#slack.channels()];
    const nameOf = (id: string): string => named.find((one) => one.id === id)?.name ?? id;
    return { ink: this.#screen.ink, now: Date.now(), nameOf };
  }

  #lookAtModal(view: View | undefined): void {
    const state = view ? `${view.id} ${view.hash}` : "";
    if (state === this.#modal) return;
    this.#modal = state;
    if (!view) return;
    const { ink } = this.#screen;
    const title = `only ${this.#viewpoint.user} sees, in a modal`;
    this.#screen.event(ink.alone(title), this.#drawn({ text: "", blocks: view.blocks }, ink.alone("┊")));
  }
}

const cardTitle = (version: number): string =>
  version === 0 ? "the bot posts the card" : "the card changes";
