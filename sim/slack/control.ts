import { z } from "zod";
import { type HttpReply, type HttpRequest, json } from "./http.ts";
import { defined, parseJson } from "./json.ts";
import type { Slack } from "./slack.ts";
import type { EphemeralMessage, SlackMessage } from "./types.ts";

/**
 * The workspace by hand: `GET /_sim/` tells what there is, `POST /_sim/command` and its like act as a person,
 * all in JSON. `curl -d '{"user":"alice","channel":"dev","command":"/arga","text":"help"}' URL/_sim/command`
 */
export async function controlOf(slack: Slack, request: HttpRequest): Promise<HttpReply | undefined> {
  const { pathname } = request.url;
  if (!pathname.startsWith("/_sim/")) return undefined;
  const name = pathname.slice("/_sim/".length);
  if (!isOwnPage(request)) return json(403, { error: "another site's page cannot act here" });
  if (request.verb === "GET") return look(slack, name, request.url.searchParams);
  const act = ACTS[name];
  if (act === undefined)
    return json(404, { error: `no such act; there are: ${Object.keys(ACTS).join(", ")}` });
  return answered(slack, act, request.body);
}

/** Browsers say where a request comes from; curl says nothing. */
function isOwnPage({ headers: { origin, host } }: HttpRequest): boolean {
  return origin === undefined || origin === `http://${host}`;
}

async function answered(slack: Slack, act: Act, body: string): Promise<HttpReply> {
  try {
    const result = await act(slack, parseJson(body === "" ? "{}" : body));
    return json(200, result ?? { ok: true });
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    return json(400, { error: message });
  }
}

function look(slack: Slack, name: string, query: URLSearchParams): HttpReply {
  const after = Number(query.get("after") ?? 0);
  switch (name) {
    case "":
      return json(200, {
        looks: ["state?user=alice", "stream?user=alice", "traffic", "log?after=0"],
        acts: Object.keys(ACTS),
      });
    case "state":
      return state(slack, query.get("user"));
    case "log":
      return json(200, { next: slack.log.length, entries: slack.log.slice(after) });
    default:
      return json(404, { error: "there are: state, stream, traffic, log" });
  }
}

function state(slack: Slack, user: string | null): HttpReply {
  const isSomebody = user === null || slack.users().some(({ id, name }) => id === user || name === user);
  return isSomebody ? json(200, stateFor(slack, user)) : json(404, { error: `no user ${user}` });
}

/** What one person sees; without a name, all channels and nothing that is for one person alone. */
function stateFor(slack: Slack, user: string | null) {
  const { teamId: id, appId, botUserId, team } = slack;
  const all = slack.channels();
  const channels = user === null ? all : all.filter((channel) => isSeen(slack, user, channel));
  return {
    team: { id, domain: team.domain },
    app: { appId, botUserId },
    users: slack.users(),
    sockets: slack.sockets.count(),
    channels,
    messages: Object.fromEntries(channels.map((channel) => [channel.id, everySaid(slack, channel.id)])),
    ...(user === null ? {} : ownState(slack, user)),
  };
}

function ownState(slack: Slack, user: string) {
  const views = slack.views(user);
  return { ephemerals: slack.ephemerals(user), views, modal: views.at(-1), home: slack.home(user) };
}

function isSeen(slack: Slack, user: string, { kind, members }: { kind: string; members: string[] }): boolean {
  return kind === "public" || members.includes(slack.user(user).id);
}

/** The channel's messages and, after each, its replies. */
function everySaid(slack: Slack, channelId: string): SlackMessage[] {
  const own = slack.messages(channelId);
  const replies = own.flatMap(({ ts }) => slack.messages(channelId, { thread: ts }));
  const seen = new Set(own.map(({ ts }) => ts));
  return [...own, ...replies.filter(({ ts }) => !seen.has(ts))];
}

type Act = (slack: Slack, input: unknown) => unknown;

function act<T>(shape: z.ZodType<T>, run: (slack: Slack, input: T) => unknown): Act {
  return (slack, input) => run(slack, shape.parse(input));
}

const user = z.string();
const channel = z.string();
const text = z.string().default("");
const threadTs = z.string().optional();
const messageAt = { user, channel, ts: z.string() };
const element = {
  action_id: z.string(),
  value: z.string().optional(),
  values: z.array(z.string()).optional(),
};
const chosen = { ...element, block_id: z.string().optional() };

const ACTS: Readonly<Record<string, Act>> = {
  command: act(z.strictObject({ user, channel, command: z.string(), text }), (slack, given) =>
    slack.command(given.user, given.channel, given.command, given.text),
  ),
  press: act(z.strictObject({ ...messageAt, ...chosen }), (slack, given) =>
    slack.press(given.user, messageOf(slack, given), given.action_id, choiceIn(given)),
  ),
  "press-in-view": act(z.strictObject({ user, view_id: z.string(), ...chosen }), (slack, given) =>
    slack.pressInView(given.user, given.view_id, given.action_id, choiceIn(given)),
  ),
  submit: act(
    z.strictObject({ user, view_id: z.string(), values: z.record(z.string(), z.unknown()).default({}) }),
    (slack, given) => slack.submit(given.user, given.view_id, given.values),
  ),
  "close-view": act(
    z.strictObject({ user, view_id: z.string(), all: z.boolean().default(false) }),
    (slack, given) => slack.closeView(given.user, given.view_id, { all: given.all }),
  ),
  suggest: act(z.strictObject({ ...messageAt, action_id: z.string(), typed: z.string() }), (slack, given) =>
    slack.suggest(given.user, messageOf(slack, given), given.action_id, given.typed),
  ),
  "suggest-in-view": act(
    z.strictObject({ user, view_id: z.string(), action_id: z.string(), typed: z.string() }),
    (slack, given) => slack.suggest(given.user, given.view_id, given.action_id, given.typed),
  ),
  shortcut: act(z.strictObject({ user, callback_id: z.string() }), (slack, given) =>
    slack.globalShortcut(given.user, given.callback_id),
  ),
  "message-shortcut": act(z.strictObject({ ...messageAt, callback_id: z.string() }), (slack, given) =>
    slack.messageShortcut(given.user, channelMessage(slack, given), given.callback_id),
  ),
  mention: act(z.strictObject({ user, channel, text, thread_ts: threadTs }), (slack, given) =>
    slack.mention(given.user, given.channel, given.text, threadIn(given)),
  ),
  dm: act(z.strictObject({ user, text }), (slack, given) => slack.directMessage(given.user, given.text)),
  home: act(z.strictObject({ user }), (slack, given) => slack.openHome(given.user)),
  "messages-tab": act(z.strictObject({ user }), (slack, given) => slack.openMessages(given.user)),
  invite: act(z.strictObject({ user, channel, who: z.string().optional() }), (slack, given) =>
    slack.invite(given.user, given.channel, given.who),
  ),
  turn: act(z.strictObject({ name: z.string(), choice: z.string() }), (slack, given) =>
    slack.turn(given.name, given.choice),
  ),
  join: act(z.strictObject({ user, channel }), (slack, given) => slack.join(given.user, given.channel)),
  compose: act(z.strictObject({ user, channel, text }), async (slack, given) => {
    const { previews, ...told } = await slack.compose(given.user, given.channel, given.text);
    return { ...told, previews: previews() };
  }),
  post: act(z.strictObject({ user, channel, text, thread_ts: threadTs }), (slack, given) =>
    slack.postAsUser(given.user, given.channel, given.text, threadIn(given)),
  ),
  "request-url": act(z.strictObject({ url: z.url().nullable() }), (slack, { url }) =>
    slack.requestUrl(url ?? undefined),
  ),
  fault: act(
    z.strictObject({
      method: z.string().optional(),
      channel: z.string().optional(),
      times: z.number().optional(),
      after: z.number().optional(),
      delayMs: z.number().optional(),
      error: z.string().optional(),
      status: z.number().optional(),
      retryAfter: z.number().optional(),
      action: z.enum(["respond", "reset", "lose", "garble", "hang"]).optional(),
      text: z.string().optional(),
    }),
    (slack, rule) => void slack.fault(defined(rule)),
  ),
  "clear-faults": act(z.strictObject({}), (slack) => slack.clearFaults()),
  sockets: act(
    z.strictObject({
      do: z.enum(["drop", "warning", "refresh_requested", "link_disabled", "too_many_websockets"]),
    }),
    (slack, { do: what }) => (what === "drop" ? slack.sockets.drop() : slack.sockets.disconnect(what)),
  ),
};

function threadIn({ thread_ts: thread }: { thread_ts?: string | undefined }): { threadTs?: string } {
  return defined({ threadTs: thread });
}

interface ChosenFields {
  value?: string | undefined;
  values?: string[] | undefined;
  block_id?: string | undefined;
}

function choiceIn({ value, values, block_id: blockId }: ChosenFields) {
  return defined({ value, values, blockId });
}

interface MessageAt {
  user: string;
  channel: string;
  ts: string;
}

function channelMessage(slack: Slack, { channel: where, ts }: MessageAt): SlackMessage {
  const found = everySaid(slack, where).find((message) => message.ts === ts);
  if (found === undefined) throw new Error(`no message ${ts} in ${where}`);
  return found;
}

function messageOf(slack: Slack, at: MessageAt): SlackMessage | EphemeralMessage {
  return slack.ephemerals(at.user).find(({ ts }) => ts === at.ts) ?? channelMessage(slack, at);
}
