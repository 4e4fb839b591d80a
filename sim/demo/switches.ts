import type { Arga } from "../arga/server.ts";
import type { Bench, Switch } from "../slack/bench.ts";
import { lookAgain } from "./look-again.ts";
import type { Stage } from "./stage.ts";

/** How often the bench looks at what Arga was asked, in ms. */
const LOOKING_MS = 150;

/** Puts the stage's switches on the bench, and from now on what the bot asks of Arga. */
export function benchOf(stage: Stage, bench: Bench): void {
  bench.switches.push(...switchesOf(stage));
  // What looks along keeps no process alive.
  setInterval(noteRequests(stage.parts.arga, bench), LOOKING_MS).unref();
}

/** Lines for the bench about each request that Arga has answered since. */
function noteRequests({ requests }: Arga, { notes }: Bench): () => void {
  const open = new Set<Arga["requests"][number]>();
  let seen = 0;
  return () => {
    for (const request of requests.slice(seen)) open.add(request);
    seen = requests.length;
    for (const request of open) {
      const { status, method, path } = request;
      if (status === "pending") continue;
      open.delete(request);
      const ok = typeof status === "number" && status < 400;
      notes.push({
        at: Date.now(),
        from: "bot → Arga",
        what: `${method} ${short(path)}`,
        ok,
        outcome: String(status),
      });
    }
  };
}

/** UUIDs tell nobody anything after their first letters. */
const short = (path: string): string => path.replaceAll(/([0-9a-f]{8})-[0-9a-f-]{27}/g, "$1…");

/** One of several states, with what brings it about; `chosen` reads it where it can change by itself. */
function lasting(
  about: { name: string; title: string; chosen?: () => string },
  choices: Readonly<Record<string, () => Promise<void> | void>>,
): Switch {
  let last = Object.keys(choices)[0] ?? "";
  let turning: Promise<void> = Promise.resolve();
  const chosen = about.chosen ?? (() => last);
  const turnTo = async (choice: string): Promise<void> => {
    if (choice === chosen()) return;
    await choices[choice]?.();
    last = choice;
  };
  const choose = (choice: string): Promise<void> => {
    // One after the other: whoever presses twice gets one bot.
    turning = turning.catch(() => {}).then(() => turnTo(choice));
    return turning;
  };
  return { ...about, choices: Object.keys(choices), chosen, choose };
}

/** Long enough to be noticed, shorter than the bot waits. */
const SLOW_MS = 4_000;
/** What does something at Arga; what is only looked at comes back. */
const ACTING = /^(POST|PUT|PATCH|DELETE) /;
/** What people see the effects of. */
const SEEN = /^(chat|views)\./;

function switchesOf(stage: Stage): Switch[] {
  const { slack, arga } = stage.parts;
  const argaIs = async (rule?: Parameters<Arga["fault"]>[0]) => {
    arga.clearFaults();
    if (rule) arga.fault(rule);
    await arga.up();
  };
  const slackIs = (rule?: Parameters<typeof slack.fault>[0]) => {
    slack.clearFaults();
    if (rule) slack.fault(rule);
  };
  const pace = (speed: number) => {
    arga.control.pace(speed);
    return lookAgain(stage.parts.redis.url);
  };
  const state = (part: "bot" | "redis") => () => (stage.parts[part].isAlive() ? "runs" : "is killed");
  return [
    lasting(
      { name: "time", title: "Arga's time" },
      { "×1": () => pace(1), "×10": () => pace(10), "×60": () => pace(60) },
    ),
    lasting(
      { name: "arga", title: "Arga" },
      {
        answers: () => argaIs(),
        "is slow": () => argaIs({ delayMs: SLOW_MS }),
        "is down": () => arga.down(),
        "says 503": () => argaIs({ status: 503 }),
        "loses answers": () => argaIs({ route: ACTING, action: "lose" }),
      },
    ),
    lasting(
      { name: "slack", title: "Slack's API" },
      {
        answers: () => slackIs(),
        "says 429": () => slackIs({ method: SEEN, status: 429, retryAfter: 3 }),
        "says 500": () => slackIs({ method: SEEN, status: 500 }),
      },
    ),
    {
      name: "sockets",
      title: "Socket Mode",
      choices: ["cut the connection"],
      chosen: () => "",
      choose: () => slack.sockets.drop(),
    },
    lasting(
      { name: "redis", title: "Redis", chosen: state("redis") },
      { runs: () => stage.restartRedis(), "is killed": () => stage.parts.redis.kill() },
    ),
    lasting(
      { name: "bot", title: "The bot", chosen: state("bot") },
      { runs: () => stage.restartBot(), "is killed": () => stage.parts.bot.kill() },
    ),
  ];
}
