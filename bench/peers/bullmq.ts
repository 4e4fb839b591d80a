import bolt from "@slack/bolt";
import { Queue } from "bullmq";

/** The peer of the acknowledgement: Bolt as its documentation says, and one BullMQ job before the ack. */
const { SLACK_BOT_TOKEN = "", SLACK_SIGNING_SECRET = "", SLACK_API_URL = "", REDIS_URL = "" } = process.env;
const queue = new Queue("runs", { connection: { url: REDIS_URL } });
const app = new bolt.App({
  token: SLACK_BOT_TOKEN,
  signingSecret: SLACK_SIGNING_SECRET,
  clientOptions: { slackApiUrl: SLACK_API_URL },
});
app.command("/arga", async ({ command, ack }) => {
  await queue.add("run", { text: command.text, user: command.user_id, channel: command.channel_id });
  await ack();
});
const server = (await app.start(0)) as { address(): { port: number } };
process.stdout.write(`listening ${server.address().port}\n`);
