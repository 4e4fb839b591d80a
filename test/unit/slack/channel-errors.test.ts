import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { channelError } from "../../../src/slack/channel-errors.ts";

describe("what a word of Slack's says of a channel", () => {
  test.each([
    ["not_in_channel", "closed, unreadable"],
    ["channel_not_found", "closed, unreadable"],
    ["missing_scope", "closed, unreadable"],
    ["thread_not_found", "unreadable"],
    ["is_archived", "closed"],
    ["no_permission", "closed"],
    ["restricted_action", "closed"],
    ["restricted_action_read_only_channel", "closed"],
    ["restricted_action_thread_only_channel", "closed"],
    ["posting_to_general_channel_denied", "closed"],
    ["account_inactive", "closed, token"],
    ["invalid_auth", "token"],
    ["not_authed", "token"],
    ["token_revoked", "token"],
    ["token_expired", "token"],
    ["not_allowed_token_type", "token"],
    ["msg_too_long", ""],
    ["invalid_blocks", ""],
    ["a_new_word", ""],
    ["", ""],
    ["__proto__", ""],
    ["constructor", ""],
  ])("%s: %s", (word, meaning) => {
    const { isClosed, isUnreadable, isToken } = channelError(word);
    const said = [isClosed && "closed", isUnreadable && "unreadable", isToken && "token"];
    expect(said.filter(Boolean).join(", ")).toBe(meaning);
  });

  test("is said in a sentence, with Slack's own word where nothing better is known", () => {
    expect(channelError("not_in_channel").words).toContain("`/invite`");
    expect(channelError("a_new_word").words).toBe("Slack doesn't let me post here (`a_new_word`).");
  });

  test("keeps that word short, and its letters alone", () => {
    expect(channelError(`a <!channel> ${"b".repeat(99)}`).words).toBe(
      `Slack doesn't let me post here (\`achannel${"b".repeat(52)}\`).`,
    );
  });

  test("holds nothing that could break a layout, whatever Slack says", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (word) => {
        const { words } = channelError(word);
        expect(words.length).toBeLessThan(150);
        expect(words).not.toMatch(/[<>&*~\n]/);
      }),
    );
  });
});
