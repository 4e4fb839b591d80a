import type { Config } from "../base/config.ts";
import { messageOf } from "../base/errors.ts";
import { proxiedFetch } from "../base/proxy.ts";
import { NEEDED_SCOPES, OPTIONAL_SCOPES } from "../slack/scopes.ts";
import { bad, type Finding, ok, warn } from "./finding.ts";

/** Whose token it is, as a prefix names its owner. */
interface SlackExamined {
  findings: Finding[];
  bot?: string;
}

/** An answer of the Web API, with what its headers say. */
interface Answer {
  body: Record<string, unknown> & { ok?: boolean; error?: string };
  scopes: string[] | undefined;
  /** How far our clock is ahead of Slack's, in ms, to about a second. */
  aheadMs: number | undefined;
}

const PATIENCE_MS = 8_000;
/** What Slack sends is refused when it seems older than five minutes, or a minute from the future. */
const CLOCK_MOST_MS = { ahead: 300_000, behind: 60_000 };
const CLOCK_ODD_MS = 10_000;
const ADMINS_LOOKED_AT = 20;

/** What is right and wrong with the tokens, the scopes, the clock and the admins; Slack is asked four kinds of things. */
export async function examineSlack(config: Config): Promise<SlackExamined> {
  const { slack } = config;
  try {
    const answer = await ask(slack.apiUrl, slack.botToken, "auth.test");
    const clock = clockOf(answer);
    const socket = await examineSocket(config);
    if (!answer.body.ok) return { findings: [tokenRefused(answer), ...clock, ...socket] };
    const { team, team_id, user, user_id } = answer.body;
    return {
      findings: [
        ok("slack", `Slack knows the bot as ${String(user)} in ${String(team)}`),
        scopesOf(answer),
        ...clock,
        ...socket,
        ...(await examineAdmins(config)),
      ],
      bot: `${String(team_id)}:${String(user_id)}`,
    };
  } catch (error) {
    const says = `Slack doesn't answer at ${new URL(slack.apiUrl).host} (${causeOf(error)})`;
    const advice = "Check the network, and SLACK_API_URL if you set it";
    return { findings: [bad("slack", says, advice)] };
  }
}

const tokenRefused = ({ body }: Answer): Finding =>
  bad(
    "slack",
    `Slack rejects SLACK_BOT_TOKEN (${wordOf(body.error)})`,
    "Copy the Bot User OAuth Token of your app again; reinstall the app if it is gone",
  );

function scopesOf({ scopes }: Answer): Finding {
  if (!scopes) return warn("slack", "Slack doesn't say which scopes the app has");
  const missing = NEEDED_SCOPES.filter((scope) => !scopes.includes(scope));
  const known: readonly string[] = [...NEEDED_SCOPES, ...Object.keys(OPTIONAL_SCOPES)];
  const spare = scopes.filter((scope) => !known.includes(scope));
  const less = Object.entries(OPTIONAL_SCOPES)
    .filter(([scope]) => !scopes.includes(scope))
    .map(([scope, then]) => `; without ${scope} ${then}`)
    .join("");
  if (missing.length > 0)
    return bad(
      "slack",
      `The app lacks the scopes ${missing.join(", ")}`,
      "Save its manifest again and reinstall it",
    );
  const more = spare.length > 0 ? `; it doesn't need ${spare.join(", ")}` : "";
  return ok("slack", `The app has all ${NEEDED_SCOPES.length} scopes that it needs${less}${more}`);
}

function clockOf({ aheadMs }: Answer): Finding[] {
  if (aheadMs === undefined) return [];
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  const says = `This machine's clock is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} Slack's`;
  const advice = "Set the clock: let it follow a time server (NTP)";
  if (aheadMs > CLOCK_MOST_MS.ahead || aheadMs < -CLOCK_MOST_MS.behind)
    return [bad("slack", `${says}: what Slack sends would be refused`, advice)];
  if (Math.abs(aheadMs) > CLOCK_ODD_MS) return [warn("slack", says, advice)];
  return [ok("slack", "This machine's clock and Slack's agree")];
}

/** Asks for a socket's address and opens none: a part of what people do would come in there, and be lost. */
async function examineSocket({ slack: { apiUrl, intake } }: Config): Promise<Finding[]> {
  if (intake.mode !== "socket") return [];
  const { body } = await ask(apiUrl, intake.appToken, "apps.connections.open");
  if (body.ok) return [ok("slack", "Socket Mode: Slack accepts SLACK_APP_TOKEN")];
  return [
    bad(
      "slack",
      `Socket Mode: Slack rejects SLACK_APP_TOKEN (${wordOf(body.error)})`,
      "Generate an app-level token with the scope connections:write, and check that Socket Mode is on",
    ),
  ];
}

async function examineAdmins({ slack, admins }: Config): Promise<Finding[]> {
  const asked = [...admins].slice(0, ADMINS_LOOKED_AT);
  const answers = await Promise.all(
    asked.map((user) => ask(slack.apiUrl, slack.botToken, "users.info", { user })),
  );
  const strangers = asked.filter((_id, i) => answers[i]?.body.error === "user_not_found");
  if (admins.size === 0)
    return [warn("settings", "ADMIN_USERS is empty", "Set it to whoever may end other people's runs")];
  if (strangers.length === 0) return [];
  const says = `ADMIN_USERS has ids that Slack doesn't know: ${strangers.join(", ")}`;
  return [warn("settings", says, "Copy each member ID from the person's profile")];
}

/** By ourselves, because the headers of the answer are wanted, the clock's among them. */
async function ask(
  apiUrl: string,
  token: string,
  method: string,
  args: Record<string, string> = {},
): Promise<Answer> {
  const response = await proxiedFetch(`${apiUrl}${method}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams(args),
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const now = Date.now();
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body !== "object" || body === null || !("ok" in body))
    throw new Error(`what answers isn't Slack: status ${response.status}`);
  const date = Date.parse(response.headers.get("date") ?? "");
  return {
    body: body as Answer["body"],
    scopes: response.headers.get("x-oauth-scopes")?.split(/,\s*/).filter(Boolean),
    aheadMs: Number.isNaN(date) ? undefined : now - date,
  };
}

/** Slack's errors are words such as `invalid_auth`. */
const wordOf = (error: unknown): string =>
  typeof error === "string" && /^\w{1,60}$/.test(error) ? error : "without a word why";

function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : messageOf(cause ?? error);
}
