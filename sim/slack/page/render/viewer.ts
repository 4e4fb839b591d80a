/** Who looks at a message, and what the names behind the ids are. */
export interface Viewer {
  /** The user's id; nobody in a still picture. */
  readonly me?: string;
  /** ms since the epoch: what "today" and "ago" are measured from. */
  readonly now: number;
  /** IANA name; the machine's own when left out. */
  readonly timeZone?: string;
  /** The channel that they are in. */
  readonly place?: string;
  readonly users: readonly Named[];
  readonly channels: readonly Named[];
}

export interface Named {
  readonly id: string;
  readonly name: string;
  readonly isBot?: boolean;
  /** Of a channel; `im` is a direct conversation with the app. */
  readonly kind?: string;
}

export function userName(viewer: Viewer, id: string): string {
  return viewer.users.find((user) => user.id === id)?.name ?? id;
}

export function channelName(viewer: Viewer, id: string): string {
  return viewer.channels.find((channel) => channel.id === id)?.name ?? id;
}
