import bolt from "@slack/bolt";

/** Bolt as its documentation says, with a listener that acknowledges and keeps nothing. */
const { SLACK_BOT_TOKEN = "", SLACK_SIGNING_SECRET = "", SLACK_API_URL = "" } = process.env;
const app = new bolt.App({
  token: SLACK_BOT_TOKEN,
  signingSecret: SLACK_SIGNING_SECRET,
  clientOptions: { slackApiUrl: SLACK_API_URL },
});
app.command("/arga", async ({ ack }) => {
  await ack();
});
const server = (await app.start(0)) as { address(): { port: number } };
process.stdout.write(`listening ${server.address().port}\n`);
