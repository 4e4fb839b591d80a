import type { Ids } from "./ids.ts";
import type { Settings } from "./settings.ts";
import type { ChannelOptions, UserHome, UserOptions } from "./types.ts";

export interface User {
  readonly id: string;
  readonly name: string;
  readonly isBot: boolean;
  /** Of somebody from another workspace. */
  readonly home?: UserHome;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: "public" | "private" | "im";
  readonly archived: boolean;
  /** User ids, the bot's too. */
  readonly members: ReadonlySet<string>;
}

/** Who is in the workspace, and where. */
export class Directory {
  readonly bot: User;
  readonly #users = new Map<string, User>();
  readonly #channels = new Map<string, Channel>();
  readonly #ids: Ids;

  constructor(settings: Settings, ids: Ids) {
    this.#ids = ids;
    this.bot = { id: settings.app.botUserId, name: settings.app.botName, isBot: true };
    this.#users.set(this.bot.id, this.bot);
    for (const user of settings.users) this.#addUser(user);
    for (const channel of settings.channels) this.#addChannel(channel);
  }

  users(): User[] {
    return [...this.#users.values()];
  }

  channels(): Channel[] {
    return [...this.#channels.values()];
  }

  userById(id: string | undefined): User | undefined {
    return this.#users.get(id ?? "");
  }

  channelById(id: string | undefined): Channel | undefined {
    return this.#channels.get(id ?? "");
  }

  /** The user with that name or id. @throws Error when there is none */
  user(name: string): User {
    const found = this.#users.get(name) ?? this.users().find((user) => user.name === name);
    if (found === undefined) throw new Error(`no user ${name}; there are ${namesOf(this.users())}`);
    return found;
  }

  /** The channel with that name or id; `dm:alice` is alice's conversation with the bot. @throws Error when there is none */
  channel(name: string): Channel {
    if (name.startsWith("dm:")) return this.openIm(this.user(name.slice(3)).id);
    const found = this.#channels.get(name) ?? this.channels().find((channel) => channel.name === name);
    if (found === undefined) throw new Error(`no channel ${name}; there are ${namesOf(this.channels())}`);
    return found;
  }

  findIm(userId: string): Channel | undefined {
    return this.channels().find(({ kind, members }) => kind === "im" && members.has(userId));
  }

  /** The direct conversation of this person with the bot. */
  openIm(userId: string): Channel {
    const found = this.findIm(userId);
    if (found !== undefined) return found;
    const name = `dm:${this.userById(userId)?.name ?? userId}`;
    const members = new Set([userId, this.bot.id]);
    return this.#keep({ id: this.#ids.next("D"), name, kind: "im", archived: false, members });
  }

  /** The channel with one member more. */
  join(channel: Channel, userId: string): Channel {
    return this.#keep({ ...channel, members: new Set([...channel.members, userId]) });
  }

  /** Whether another company's people are in it. */
  isShared(channel: Channel): boolean {
    return [...channel.members].some((id) => {
      const home = this.#users.get(id)?.home;
      return home !== undefined && home.grid === undefined;
    });
  }

  isBotIn(channel: Channel): boolean {
    return channel.members.has(this.bot.id);
  }

  /** Everyone in the workspace can look into a public channel; the others are for their members. */
  canSee(userId: string, channel: Channel): boolean {
    return channel.kind === "public" || channel.members.has(userId);
  }

  #addUser(user: string | UserOptions): void {
    const { name, ...from } = typeof user === "string" ? { name: user } : user;
    const id = readableId("U", this.#users.size, name);
    this.#users.set(id, { id, name, isBot: false, ...from });
  }

  #addChannel({
    name,
    members,
    bot = true,
    private: isPrivate = false,
    archived = false,
  }: ChannelOptions): void {
    const ids = members.map((member) => this.user(member).id);
    if (bot) ids.push(this.bot.id);
    const id = readableId("C", this.#channels.size + 1, name);
    this.#keep({ id, name, kind: isPrivate ? "private" : "public", archived, members: new Set(ids) });
  }

  #keep(channel: Channel): Channel {
    this.#channels.set(channel.id, channel);
    return channel;
  }
}

/** e.g. `U01ALICE`: of Slack's form, and a person who reads a log knows who it is. */
function readableId(prefix: string, number: number, name: string): string {
  return `${prefix}${String(number).padStart(2, "0")}${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "")}`;
}

function namesOf(things: readonly { name: string }[]): string {
  return things.map(({ name }) => name).join(", ");
}
