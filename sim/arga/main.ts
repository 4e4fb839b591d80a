import { parseArgs } from "node:util";
import { type Arga, type ArgaOptions, startArga } from "./server.ts";

const USAGE = "Usage: tsx sim/arga/main.ts [--port N] [--speed N] [--plan free|team] [--key KEY]";

function optionsOf(args: string[]): ArgaOptions {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string" },
      speed: { type: "string" },
      plan: { type: "string" },
      key: { type: "string" },
    },
  });
  const options: ArgaOptions = {};
  if (values.port !== undefined) options.port = numberOf("--port", values.port);
  if (values.speed !== undefined) options.speed = numberOf("--speed", values.speed);
  if (values.key !== undefined) options.key = values.key;
  if (values.plan === "free" || values.plan === "team") options.plan = values.plan;
  else if (values.plan !== undefined) throw new RangeError("--plan is free or team");
  return options;
}

function numberOf(flag: string, text: string): number {
  const number = Number(text);
  if (text === "" || !Number.isFinite(number)) throw new RangeError(`${flag} is not a number: ${text}`);
  return number;
}

function introduction({ url, key, routes }: Arga): string {
  return `Arga (simulated)
  ARGA_API_URL=${url}
  ARGA_API_KEY=${key}

Routes
${routes.map((route) => `  ${route}`).join("\n")}

Look        curl ${url}/_sim
Fail        curl -X POST ${url}/_sim/faults -H 'content-type: application/json' \\
              -d '{"route":"POST /twin-runs","status":503,"times":2}'
            also delayMs, retryAfter, after, "action":"reset" | "lose" | "hang"
Heal        curl -X DELETE ${url}/_sim/faults
Move a run  curl -X POST ${url}/_sim/twin-runs/RUN_ID/ready    (teardown, expire, fail, lock)

Ctrl-C ends it.`;
}

async function main(): Promise<void> {
  const arga = await startArga(optionsOf(process.argv.slice(2)));
  const end = () => void arga.close().then(() => process.exit(0));
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  console.log(introduction(arga));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 1;
});
