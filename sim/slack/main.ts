import { installed } from "./manifest.ts";
import { startSlack } from "./server.ts";

const USAGE = "usage: tsx sim/slack/main.ts [--port 4390] [--request-url http://127.0.0.1:3000/slack/events]";

const MANIFEST = new URL("../../slack-manifest.yaml", import.meta.url);

/** The simulator as a program: says where it is and with what to connect, and stays until it is stopped. */
async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) return console.log(USAGE);
  const slack = await startSlack({ ...installed(MANIFEST), port: Number(option(args, "--port") ?? 4390) });
  slack.requestUrl(option(args, "--request-url"));
  const { url, apiUrl, botToken, appToken, signingSecret } = slack;
  const who = slack
    .users()
    .filter(({ isBot }) => !isBot)
    .map(({ id, name }) => `${name} (${id})`);
  const where = slack
    .channels()
    .map(({ id, name, kind, bot }) => `${name} (${id}, ${kind}${bot ? "" : ", no bot"})`);
  console.log(
    [
      `workspace  ${url}/`,
      `by hand    ${url}/_sim/`,
      `users      ${who.join(", ")}`,
      `channels   ${where.join(", ")}`,
      "",
      `SLACK_API_URL=${apiUrl}`,
      `SLACK_BOT_TOKEN=${botToken}`,
      `SLACK_APP_TOKEN=${appToken}`,
      `SLACK_SIGNING_SECRET=${signingSecret}`,
    ].join("\n"),
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void slack.close());
}

function option(args: readonly string[], name: string): string | undefined {
  const index = args.indexOf(name);
  return index < 0 ? undefined : args[index + 1];
}

await main(process.argv.slice(2));
