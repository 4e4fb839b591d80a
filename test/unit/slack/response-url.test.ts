import { expect, test } from "vitest";
import { isOfSlack } from "../../../src/slack/web.ts";

const SLACK = "https://slack.com/api/";
const LOCAL = "http://127.0.0.1:4000/api/";

test.each([
  ["https://hooks.slack.com/actions/T1/1/x", SLACK, true],
  ["https://hooks.slack.com/commands/T1/1/x", LOCAL, true],
  ["http://127.0.0.1:4000/response/1", LOCAL, true],
  ["http://localhost:4000/response/1", LOCAL, true],
  ["http://127.0.0.1:4001/response/1", LOCAL, false],
  ["http://hooks.slack.com/actions", SLACK, false],
  ["https://hooks.slack.com.evil.example/x", SLACK, false],
  ["https://hooks.slack.com@evil.example/x", SLACK, false],
  ["https://evil.example/hooks.slack.com", SLACK, false],
  ["http://127.0.0.1:6379/", SLACK, false],
  ["file:///etc/passwd", SLACK, false],
  ["", SLACK, false],
])("an answer to %s, with Slack at %s, is posted: %s", (url, api, isPosted) => {
  expect(isOfSlack(url, api)).toBe(isPosted);
});
