import { setTimeout as sleep } from "node:timers/promises";
import bolt from "@slack/bolt";

/** The bot of an afternoon: creates the run in the listener, then looks at it each 2.5 s until it can say that it's ready. */
const { SLACK_BOT_TOKEN = "", SLACK_SIGNING_SECRET = "", SLACK_API_URL = "" } = process.env;
const { ARGA_API_URL = "", ARGA_API_KEY = "" } = process.env;
const POLL_MS = 2_500;

const app = new bolt.App({
  token: SLACK_BOT_TOKEN,
  signingSecret: SLACK_SIGNING_SECRET,
  clientOptions: { slackApiUrl: SLACK_API_URL },
});

async function asked(path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${ARGA_API_URL}${path}`, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${ARGA_API_KEY}`, "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return (await response.json()) as Record<string, unknown>;
}

app.command("/arga", async ({ command, ack, client }) => {
  const [, twin, minutes] = command.text.split(" ");
  const { run_id: id } = await asked("/twin-runs", { twins: [twin], ttl_minutes: Number(minutes) });
  await ack();
  // Nobody waits for the rest; what is lost with the process is lost.
  void follow(String(id), (text) => client.chat.postMessage({ channel: command.channel_id, text })).catch(
    () => {},
  );
});

async function follow(id: string, post: (text: string) => Promise<unknown>): Promise<void> {
  for (;;) {
    await sleep(POLL_MS);
    const { status } = await asked(`/twin-runs/${id}`);
    if (status === "ready") return void (await post(`${id} is ready`));
    if (status !== "queued" && status !== "provisioning") return;
  }
}

const server = (await app.start(0)) as { address(): { port: number } };
process.stdout.write(`listening ${server.address().port}\n`);
