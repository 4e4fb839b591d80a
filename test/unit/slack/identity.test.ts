import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { type SlackOptions, startSlack } from "../../../sim/slack/server.ts";
import { identify } from "../../../src/slack/identity.ts";
import { NEEDED_SCOPES } from "../../../src/slack/scopes.ts";
import { BotTokens } from "../../../src/slack/tokens.ts";
import { SlackWeb } from "../../../src/slack/web.ts";

/** Who the bot is, and what is wrong with its token, as the log says it. */
async function asking(options: SlackOptions = {}, token?: string) {
  const slack = await startSlack(options);
  onTestFinished(() => slack.close());
  const said: { level: number; msg: string; missing?: string[]; why?: string }[] = [];
  const logger = pino({}, { write: (line: string) => void said.push(JSON.parse(line)) });
  const web = new SlackWeb({ apiUrl: slack.apiUrl, tokens: new BotTokens(token ?? slack.botToken), logger });
  const identity = identify(web, logger, AbortSignal.timeout(30_000));
  return { slack, said, identity };
}

test("the bot is told its workspace and its own names", async () => {
  const { slack, said, identity } = await asking();
  expect(await identity).toEqual({
    team: slack.teamId,
    botId: slack.botId,
    botUserId: slack.botUserId,
    url: expect.stringMatching(/^https?:/),
  });
  expect(said).toEqual([]);
});

test("a scope that was forgotten is named", async () => {
  const [forgotten, ...scopes] = NEEDED_SCOPES;
  const { said, identity } = await asking({ scopes });
  await identity;
  expect(said).toMatchObject([
    { missing: [forgotten], msg: "The app lacks scopes. Save its manifest again and reinstall it" },
  ]);
});

test("a token that Slack doesn't take ends the start, with what to do", async () => {
  const { identity } = await asking({}, "xoxb-wrong");
  await expect(identity).rejects.toMatchObject({
    code: "SLACK_TOKEN_REFUSED",
    message:
      "Slack rejected SLACK_BOT_TOKEN (invalid_auth). Copy the Bot User OAuth Token of your app again.",
  });
});

test("a Slack that is away is waited for", async () => {
  const { slack, said, identity } = await asking();
  slack.clearFaults();
  slack.fault({ method: "auth.test", status: 503, times: 1 });
  const again = identify(
    new SlackWeb({
      apiUrl: slack.apiUrl,
      tokens: new BotTokens(slack.botToken),
      logger: pino({ level: "silent" }),
    }),
    pino({}, { write: (line: string) => void said.push(JSON.parse(line)) }),
    AbortSignal.timeout(30_000),
  );
  expect(await identity).toMatchObject({ team: slack.teamId });
  expect(await again).toMatchObject({ team: slack.teamId });
  expect(said).toMatchObject([
    { why: "Slack answered 503 to auth.test.", msg: "Slack isn't answering; retrying" },
  ]);
});
