import { faultOf, meet } from "../faults.ts";
import { defined } from "../json.ts";
import { Refusal } from "../refusal.ts";
import type { FaultRule, Json } from "../types.ts";
import type { World } from "../world.ts";
import { requireScope } from "./access.ts";
import { type Incoming, readArgs, type Sent, unpack } from "./args.ts";
import type { Method, Notes } from "./method.ts";
import { METHODS } from "./table.ts";

/** An HTTP answer, or what happens to the connection instead of one. */
export type Reply =
  | { kind: "answer"; status: number; headers: Readonly<Record<string, string>>; body: Json | string }
  | { kind: "reset" }
  | { kind: "hang" };

interface Outcome {
  readonly status: number;
  readonly body: Json & { ok: boolean };
  readonly applied: boolean;
  readonly retryAfter?: number;
}

/** Answers one call to `/api/<name>`, failing as the fault rules say, and writes it into the log. */
export async function callMethod(world: World, name: string, incoming: Incoming): Promise<Reply> {
  const sent = unpacked(incoming);
  const channel = channelId(world, sent.values.channel);
  const rule = world.faults.take(name, [channel, world.directory.channelById(channel)?.name]);
  const notes: Notes = defined({ channel });
  const held = { kind: "held", method: name, args: {}, ok: true, applied: false, ...notes } as const;
  const verdict = await meet(rule, () => world.log.write(held));
  if (verdict.kind === "reset" || verdict.kind === "hang") {
    record(
      world,
      { name, sent, rule, notes },
      { status: 0, body: { ok: false, error: verdict.kind }, applied: false },
    );
    return verdict;
  }
  const outcome =
    verdict.kind === "answer"
      ? { ...verdict, body: { ok: false, error: verdict.error }, applied: false }
      : perform(world, { name, incoming, sent, notes });
  record(world, { name, sent, rule, notes }, outcome);
  if (verdict.kind === "garble") return { kind: "answer", status: 200, headers: {}, body: verdict.text };
  return verdict.kind === "lose" ? { kind: "reset" } : answer(world, name, outcome);
}

interface Unpacked extends Sent {
  /** A body that could not be read is refused only once it is its turn. */
  readonly broken?: Refusal;
}

function unpacked(incoming: Incoming): Unpacked {
  try {
    return unpack(incoming);
  } catch (error) {
    if (error instanceof Refusal) return { values: {}, token: undefined, broken: error };
    throw error;
  }
}

interface Doing {
  readonly name: string;
  readonly incoming: Incoming;
  readonly sent: Unpacked;
  readonly notes: Notes;
}

function perform(world: World, doing: Doing): Outcome {
  try {
    return attempt(world, doing);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: 200, body: { ok: false, error: error.code, ...error.details }, applied: false };
  }
}

/** In Slack's order: who calls, how often, whether they may, and only then what they want. @throws Refusal */
function attempt(world: World, { name, incoming, sent, notes }: Doing): Outcome {
  if (sent.broken !== undefined) throw sent.broken;
  const method = METHODS.get(name);
  if (method === undefined) throw new Refusal("unknown_method");
  if (incoming.verb === "GET" && method.read !== true) throw new Refusal("invalid_post_type");
  authenticate(world, method, sent.token);
  const wait = world.limits.take(name, method.tier, notes.channel);
  if (wait > 0)
    return { status: 429, body: { ok: false, error: "ratelimited" }, applied: false, retryAfter: wait };
  if (method.token === "bot") requireScope(world, ...method.scopes);
  const args = readArgs(method, sent.values);
  const team = args.text("team_id");
  if (team !== undefined && team !== world.settings.team.id) throw new Refusal("team_access_not_granted");
  return { status: 200, body: { ok: true, ...method.run({ world, args, notes }) }, applied: true };
}

function authenticate({ settings: { app } }: World, method: Method, token: string | undefined): void {
  if (method.token === "none") return;
  if (token === undefined || token === "") throw new Refusal("not_authed");
  if (token !== app.botToken && token !== app.appToken) throw new Refusal("invalid_auth");
  const wanted = method.token === "bot" ? app.botToken : app.appToken;
  if (token !== wanted) throw new Refusal("not_allowed_token_type");
}

/** Posting to a person counts, and fails, for the direct conversation with them. */
function channelId({ directory }: World, channel: unknown): string | undefined {
  if (typeof channel !== "string") return undefined;
  return directory.findIm(channel)?.id ?? channel;
}

interface Told {
  readonly name: string;
  readonly sent: Sent;
  readonly rule: FaultRule | undefined;
  readonly notes: Notes;
}

function record({ log }: World, { name, sent, rule, notes }: Told, { status, body, applied }: Outcome): void {
  const { token: _, ...values } = sent.values;
  log.write({
    kind: "api",
    method: name,
    args: readable(name, values),
    ok: body.ok,
    ...(typeof body.error === "string" ? { error: body.error } : {}),
    status,
    applied,
    ...notes,
    ...defined({ fault: faultOf(rule) }),
  });
}

/** The log shows nested arguments as what they are, not as the JSON text that a form carries. */
function readable(name: string, values: Json): Json {
  const method = METHODS.get(name);
  if (method === undefined) return values;
  const known = Object.entries(values).filter(([key]) => method.args[key] !== undefined);
  return Object.fromEntries(known.map(([key, value]) => [key, readableValue(method, key, value)]));
}

function readableValue(method: Method, key: string, value: unknown): unknown {
  try {
    return readArgs({ ...method, required: [] }, { [key]: value }).value(key);
  } catch {
    return value;
  }
}

function answer({ settings }: World, name: string, { status, body, retryAfter }: Outcome): Reply {
  const scopes = METHODS.get(name)?.scopes ?? [];
  const headers = {
    "x-oauth-scopes": settings.scopes.join(","),
    "x-accepted-oauth-scopes": scopes.join(","),
    ...defined({ "retry-after": retryAfter?.toString() }),
  };
  return { kind: "answer", status, headers, body };
}
