import type { Arga } from "../arga/server.ts";
import type { Bench, Switch } from "../slack/bench.ts";
import { CannotStart } from "./parts.ts";
import type { Screen } from "./screen.ts";
import { Stage } from "./stage.ts";

/** Where the browser finds the workspace, unless something else is there. */
const PORT = 4390;
const STOPPING_MS = 8_000;
const EXIT_CODES: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 0, SIGTERM: 143, SIGHUP: 129 };
/** How often the bench looks at what Arga was asked, in ms. */
const LOOKING_MS = 150;

/** The workspace with Arga at its real speed and a bench beside it, until a signal comes; ends the process. */
export async function play(screen: Screen): Promise<void> {
  const bench: Bench = { switches: [], notes: [] };
  const stage = new Stage({ arga: {}, bot: {}, port: PORT, bench });
  let isEnding = false;
  const end = async (code: number): Promise<void> => {
    // A second signal ends at once; what was started goes with the process.
    if (isEnding) process.exit(code);
    isEnding = true;
    setTimeout(() => process.exit(code), STOPPING_MS);
    await stage.stop().catch(() => {});
    process.exit(code);
  };
  for (const [signal, code] of Object.entries(EXIT_CODES)) process.on(signal, () => void end(code));
  // Whoever read along may be gone; the browser may not.
  process.stdout.on("error", () => {});
  const { ink } = screen;
  try {
    await stage.start((part, where) => screen.say(`  ${ink.good("✓")} ${part.padEnd(8)} ${ink.dim(where)}`));
  } catch (error) {
    screen.say(
      `${ink.danger("✗")} ${error instanceof CannotStart ? error.message : String((error as Error).stack)}`,
    );
    return end(1);
  }
  bench.switches.push(...switchesOf(stage));
  setInterval(noteRequests(stage.parts.arga, bench), LOOKING_MS);
  screen.say(
    "",
    `  Open ${ink.link(`${stage.parts.slack.url}/`)} in a browser, and type ${ink.bold("/arga twins stripe 60")}.`,
    `  ${ink.dim("*Bench* at the top shows what happens, makes trouble and makes time pass faster. Ctrl-C ends it all.")}`,
    "",
  );
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
        what: `${method} ${path}`,
        ok,
        outcome: String(status),
      });
    }
  };
}

/** A choice that stays chosen. */
function lasting(
  about: { name: string; title: string },
  choices: Readonly<Record<string, () => Promise<void> | void>>,
): Switch {
  let [now = ""] = Object.keys(choices);
  return {
    ...about,
    choices: Object.keys(choices),
    chosen: () => now,
    choose: async (choice) => {
      if (choice === now) return;
      now = choice;
      await choices[choice]?.();
    },
  };
}

/** Long enough to be noticed, shorter than the bot waits. */
const SLOW_MS = 4_000;

function switchesOf(stage: Stage): Switch[] {
  const { slack, arga } = stage.parts;
  const argaIs = (rule?: Parameters<Arga["fault"]>[0]) => {
    arga.clearFaults();
    if (rule) arga.fault(rule);
  };
  const slackIs = (rule?: Parameters<typeof slack.fault>[0]) => {
    slack.clearFaults();
    if (rule) slack.fault(rule);
  };
  return [
    lasting(
      { name: "time", title: "Arga's time" },
      {
        "×1": () => arga.control.pace(1),
        "×10": () => arga.control.pace(10),
        "×60": () => arga.control.pace(60),
      },
    ),
    lasting(
      { name: "arga", title: "Arga" },
      {
        answers: () => argaIs(),
        "is slow": () => argaIs({ delayMs: SLOW_MS }),
        "is down": () => argaIs({ status: 503 }),
        "loses answers": () => argaIs({ action: "lose" }),
      },
    ),
    lasting(
      { name: "slack", title: "Slack's API" },
      {
        answers: () => slackIs(),
        "says 429": () => slackIs({ method: /^(chat|views)\./, status: 429, retryAfter: 3 }),
        "says 500": () => slackIs({ method: /^(chat|views)\./, status: 500 }),
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
      { name: "redis", title: "Redis" },
      { runs: () => stage.restartRedis(), "is killed": () => stage.parts.redis.kill() },
    ),
    lasting(
      { name: "bot", title: "The bot" },
      { runs: () => stage.restartBot(), "is killed": () => stage.parts.bot.kill() },
    ),
  ];
}
