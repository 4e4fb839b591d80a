import type { Slack } from "../../sim/slack/server.ts";

/** A call of Slack's Web API as the app makes it, and its answer as it came. */
export async function callSlack(
  slack: Slack,
  method: string,
  args: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${slack.botToken}` };
  const response = await fetch(slack.apiUrl + method, {
    method: "POST",
    headers,
    body: JSON.stringify(args),
  });
  return (await response.json()) as Record<string, unknown>;
}
