import { turn } from "./bench.ts";
import { post, sign } from "./deliveries/http.ts";
import type { Outgoing } from "./deliveries/outgoing.ts";
import type { DisconnectReason } from "./deliveries/socket.ts";
import { typeCommand } from "./people/commands.ts";
import { delivery } from "./people/deliver.ts";
import { compose } from "./people/links.ts";
import { press, pressInView } from "./people/press.ts";
import { globalShortcut, messageShortcut } from "./people/shortcuts.ts";
import { type Offered, type Place, suggest } from "./people/suggest.ts";
import { directMessage, invite, join, mention, openApp, postAsUser } from "./people/talk.ts";
import { closeView, submit } from "./people/views.ts";
import type {
  Choice,
  Delivery,
  EphemeralMessage,
  FaultRule,
  Json,
  LogEntry,
  RawAnswer,
  RawRequest,
  SlackMessage,
  View,
} from "./types.ts";
import { until } from "./until.ts";
import type { World } from "./world.ts";

interface Named {
  id: string;
  name: string;
}

/** One workspace with one app. Users and channels are given by name or id; `dm:alice` is alice's chat with the bot. */
export interface Slack {
  readonly url: string;
  /** Base of the Web API, for `slackApiUrl`. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly teamId: string;
  readonly team: { readonly id: string; readonly domain: string };
  readonly botUserId: string;
  readonly botId: string;
  readonly appId: string;
  /** @throws Error on an unknown name */
  user(name: string): Named;
  /** @throws Error on an unknown name */
  channel(name: string): Named;
  /** The app's bot user is among them. */
  users(): (Named & { isBot: boolean })[];
  channels(): (Named & {
    kind: "public" | "private" | "im";
    archived: boolean;
    bot: boolean;
    members: string[];
  })[];

  /** HTTP mode: deliveries are signed POSTs to this URL. Without one they go to the connected sockets. */
  requestUrl(url: string | undefined): void;

  /** Types a slash command into a channel. @throws Error when that person has no composer there */
  command(user: string, channel: string, command: string, text: string): Promise<Delivery>;
  /** Acts on an element of a message. @throws Error when it is not there, not offered, or not for this person to see */
  press(
    user: string,
    message: SlackMessage | EphemeralMessage,
    actionId: string,
    choice?: Choice,
  ): Promise<Delivery>;
  pressInView(user: string, viewId: string, actionId: string, choice?: Choice): Promise<Delivery>;
  /** Fills in (by action_id or block_id) and submits the top modal. @throws Error for what Slack's client refuses */
  submit(user: string, viewId: string, values?: Json): Promise<Delivery>;
  /** Cancel; with `all` the ✕ that closes the whole stack. */
  closeView(user: string, viewId: string, opts?: { all?: boolean }): Promise<Delivery>;
  /** Types into an external select of a message or of the view with that id, and gets its options. */
  suggest(user: string, place: Place, actionId: string, typed: string): Promise<Offered>;
  globalShortcut(user: string, callbackId: string): Promise<Delivery>;
  messageShortcut(user: string, message: SlackMessage, callbackId: string): Promise<Delivery>;
  mention(user: string, channel: string, text: string, opts?: { threadTs?: string }): Promise<Delivery>;
  directMessage(user: string, text: string): Promise<Delivery>;
  openHome(user: string): Promise<Delivery>;
  /** Opens the direct conversation with the bot. */
  openMessages(user: string): Promise<Delivery>;
  /** Brings the bot, unless it is somebody else, into a channel. @throws Error when it is there already */
  invite(user: string, channel: string, who?: string): Promise<Delivery>;
  /** Goes into a public channel. @throws Error when it is closed to them, or they are in it */
  join(user: string, channel: string): Promise<Delivery>;
  /** Writes a link and does not send it; `previews` is what the writer sees below it by now. */
  compose(user: string, channel: string, text: string): Promise<Delivery & { previews: () => Json[] }>;
  postAsUser(
    user: string,
    channel: string,
    text: string,
    opts?: { threadTs?: string },
  ): Promise<Delivery & { message: SlackMessage }>;
  /** Sends the very same again, signature and envelope id too. Nobody is shown the answer. */
  redeliver(delivery: Delivery): Promise<Delivery>;
  /** Posts any body with any signature to the request URL. @throws Error without one, or when nothing answers */
  rawDelivery(request: RawRequest): Promise<RawAnswer>;
  /** The same over a socket: whatever the payload is, as an envelope of that type. */
  rawEnvelope(envelope: Outgoing["envelope"], payload: Json): Promise<Delivery>;

  /** What is in the channel, or the replies of a thread, oldest first. Copies. */
  messages(channel: string, opts?: { thread?: string }): SlackMessage[];
  /** What this person alone sees, oldest first. Copies. */
  ephemerals(user: string, channel?: string): EphemeralMessage[];
  /** The modals of this person, the top one last. Copies. */
  views(user: string): View[];
  home(user: string): View | undefined;

  /** @returns a function that takes the rule back */
  fault(rule: FaultRule): () => void;
  clearFaults(): void;
  readonly sockets: {
    count(): number;
    disconnect(reason: DisconnectReason): void;
    drop(): void;
    /** Nothing is said or heard any more on those that are open. */
    silence(): void;
  };
  readonly log: readonly LogEntry[];
  /** Turns a switch of the bench. @throws Error when there is none of that name, or it has no such choice */
  turn(name: string, choice: string): Promise<void>;
  /** Waits for a condition (10 s unless told). @throws Error that names the condition and the last log entries */
  until<T>(probe: (slack: Slack) => T | undefined | false | null, timeoutMs?: number): Promise<T>;
  close(): Promise<void>;
}

/** How long a receiver may take over a hand-made request. */
const RAW_LIMIT_MS = 10_000;

/** Puts the parts of a workspace behind one interface. */
export function slackOf(world: World, close: () => Promise<void>): Slack {
  const slack: Slack = {
    ...identity(world),
    ...doing(world),
    ...seeing(world),
    fault: (rule) => world.faults.add(rule),
    clearFaults: () => world.faults.clear(),
    sockets: {
      count: () => world.sockets.count(),
      disconnect: (reason) => world.sockets.disconnect(reason),
      drop: () => world.sockets.drop(),
      silence: () => world.sockets.silence(),
    },
    log: world.log.entries,
    turn: (name, choice) => turn(world.settings.bench, name, choice),
    until: (probe, timeoutMs = 60_000) =>
      until(world.log, { probe: () => probe(slack), name: String(probe), timeoutMs }),
    close,
  };
  return slack;
}

function identity({ url, settings }: World) {
  const { botToken, appToken, signingSecret, botUserId, botId, appId } = settings.app;
  const credentials = { botToken, appToken, signingSecret };
  return {
    url,
    apiUrl: `${url}/api/`,
    ...credentials,
    teamId: settings.team.id,
    team: settings.team,
    botUserId,
    botId,
    appId,
  };
}

function doing(world: World) {
  const { directory } = world;
  const user = (name: string) => directory.user(name);
  const channel = (name: string) => directory.channel(name);
  return {
    requestUrl: (url: string | undefined) => setRequestUrl(world, url),
    command: async (who: string, where: string, command: string, text: string) =>
      typeCommand(world, { user: user(who), channel: channel(where), command, text }),
    press: async (
      who: string,
      message: SlackMessage | EphemeralMessage,
      actionId: string,
      choice: Choice = {},
    ) => press(world, user(who), message, { ...choice, actionId }),
    pressInView: async (who: string, viewId: string, actionId: string, choice: Choice = {}) =>
      pressInView(world, user(who), viewId, { ...choice, actionId }),
    submit: async (who: string, viewId: string, values: Json = {}) =>
      submit(world, user(who), viewId, values),
    closeView: async (who: string, viewId: string, opts: { all?: boolean } = {}) =>
      closeView(world, user(who), viewId, opts.all ?? false),
    suggest: async (who: string, place: Place, actionId: string, typed: string) =>
      suggest(world, { user: user(who), place, actionId, typed }),
    globalShortcut: async (who: string, callbackId: string) => globalShortcut(world, user(who), callbackId),
    messageShortcut: async (who: string, message: SlackMessage, callbackId: string) =>
      messageShortcut(world, user(who), message, callbackId),
    mention: async (who: string, where: string, text: string, opts: { threadTs?: string } = {}) =>
      mention(world, { user: user(who), channel: channel(where), text, ...opts }),
    directMessage: async (who: string, text: string) => directMessage(world, user(who), text),
    openHome: async (who: string) => openApp(world, user(who), "home"),
    openMessages: async (who: string) => openApp(world, user(who), "messages"),
    invite: async (by: string, where: string, who: string = directory.bot.id) =>
      invite(world, user(by), channel(where), user(who)),
    join: async (who: string, where: string) => join(world, user(who), channel(where)),
    compose: async (who: string, where: string, text: string) => {
      const { draft, ...told } = await compose(world, { user: user(who), channel: channel(where), text });
      return { ...told, previews: () => structuredClone(draft.previews) };
    },
    postAsUser: async (who: string, where: string, text: string, opts: { threadTs?: string } = {}) =>
      postAsUser(world, { user: user(who), channel: channel(where), text, ...opts }),
    redeliver: async ({ id, payload }: Delivery) => delivery(await world.courier.redeliver(id), payload),
    rawDelivery: async (request: RawRequest) => rawDelivery(world, request),
    rawEnvelope: async (envelope: Outgoing["envelope"], payload: Json) =>
      delivery(await world.courier.deliver({ envelope, name: "raw", payload }), payload),
  };
}

function seeing({ directory, messages, modals }: World) {
  return {
    user: (name: string) => named(directory.user(name)),
    channel: (name: string) => named(directory.channel(name)),
    users: () => directory.users().map(({ id, name, isBot }) => ({ id, name, isBot })),
    channels: () =>
      directory.channels().map((channel) => ({
        ...named(channel),
        kind: channel.kind,
        archived: channel.archived,
        bot: directory.isBotIn(channel),
        members: [...channel.members],
      })),
    messages: (name: string, { thread }: { thread?: string } = {}) => {
      const { id } = directory.channel(name);
      return structuredClone(thread === undefined ? messages.inChannel(id) : messages.replies(id, thread));
    },
    ephemerals: (name: string, where?: string) => {
      const { id } = directory.user(name);
      const channelId = where === undefined ? undefined : directory.channel(where).id;
      const own = messages.ephemerals.filter(({ user }) => user === id);
      return structuredClone(own.filter(({ channel }) => channelId === undefined || channel === channelId));
    },
    views: (name: string) => structuredClone(modals.stack(directory.user(name).id).map(({ view }) => view)),
    home: (name: string) => structuredClone(modals.home(directory.user(name).id)?.view),
  };
}

function named({ id, name }: Named): Named {
  return { id, name };
}

/** Loopback alone: a simulator must not be able to bother anybody else. @throws Error */
function setRequestUrl({ courier }: World, url: string | undefined): void {
  const isLocal = url === undefined || ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
  if (!isLocal) throw new Error(`the request URL must be on this machine: ${url}`);
  courier.requestUrl = url;
}

async function rawDelivery({ settings, courier }: World, request: RawRequest): Promise<RawAnswer> {
  if (courier.requestUrl === undefined) throw new Error("there is no request URL: call requestUrl first");
  const { body, contentType = "application/x-www-form-urlencoded", headers } = request;
  const timestamp = String(request.timestamp ?? Math.floor(Date.now() / 1000));
  const { signature = sign(settings.app.signingSecret, timestamp, body) } = request;
  const signed = signature === null ? {} : { "x-slack-signature": signature };
  const all = { "content-type": contentType, "x-slack-request-timestamp": timestamp, ...signed, ...headers };
  return post(courier.requestUrl, { headers: all, body }, RAW_LIMIT_MS);
}
