import bolt from "@slack/bolt";
import { Queue } from "bullmq";
import { Redis } from "ioredis";

/**
 * As bullmq.ts, and a delivery that was seen before is refused before anything begins: the least that Redis is asked by
 * whoever acts on nothing twice.
 */
const { SLACK_BOT_TOKEN = "", SLACK_SIGNING_SECRET = "", SLACK_API_URL = "", REDIS_URL = "" } = process.env;
const queue = new Queue("runs", { connection: { url: REDIS_URL } });
const redis = new Redis(REDIS_URL);
const REMEMBERED_SECONDS = 600;

const app = new bolt.App({
  token: SLACK_BOT_TOKEN,
  signingSecret: SLACK_SIGNING_SECRET,
  clientOptions: { slackApiUrl: SLACK_API_URL },
});
app.command("/arga", async ({ command, ack }) => {
  const isNew = await redis.set(`seen:${command.trigger_id}`, "1", "EX", REMEMBERED_SECONDS, "NX");
  if (isNew)
    await queue.add("run", { text: command.text, user: command.user_id, channel: command.channel_id });
  await ack();
});
const server = (await app.start(0)) as { address(): { port: number } };
process.stdout.write(`listening ${server.address().port}\n`);
