/** What a word with which Slack refuses to post or to read says of the channel. */
interface ChannelError {
  /** Nothing of ours can be posted there, however often it is tried. */
  isClosed: boolean;
  /** Nor can what stands there be read back, however long one waits. */
  isUnreadable: boolean;
  /** It is the bot's token that is refused, not the channel: another token will do. */
  isToken: boolean;
  /** What is wrong, and what a person can do. */
  words: string;
}

/** By their first letters: Slack has more of some families than it documents (docs/references/slack.md#errors). */
const ERRORS: Record<string, Partial<ChannelError> & Pick<ChannelError, "words">> = {
  not_in_channel: {
    isClosed: true,
    isUnreadable: true,
    words: "I'm not in this channel. Invite me with `/invite`, then ask again.",
  },
  channel_not_found: {
    isClosed: true,
    isUnreadable: true,
    words: "I can't see this conversation. Invite me with `/invite`, or ask in a channel that I'm in.",
  },
  thread_not_found: { isUnreadable: true, words: "The thread is gone." },
  is_archived: { isClosed: true, words: "This channel is archived. Ask in another one." },
  restricted_action: {
    isClosed: true,
    words: "This workspace's settings don't let me post here. Ask in another channel.",
  },
  posting_to_: {
    isClosed: true,
    words: "This workspace's settings don't let me post here. Ask in another channel.",
  },
  no_permission: {
    isClosed: true,
    words: "My Slack app isn't allowed to post here. Ask in another channel.",
  },
  missing_scope: {
    isClosed: true,
    isUnreadable: true,
    words: "My Slack app lacks a permission. `/arga doctor` tells an admin of mine which one.",
  },
  account_inactive: { isClosed: true, isToken: true, words: "My account in this workspace is deactivated." },
};

const TOKEN = /auth|token|account/;

/** What is known of one of Slack's words; one that isn't known says nothing for good. */
export function channelError(word: string): ChannelError {
  const family = Object.keys(ERRORS).find((start) => word.startsWith(start));
  return {
    isClosed: false,
    isUnreadable: false,
    isToken: TOKEN.test(word),
    words: `Slack doesn't let me post here (\`${word.replace(/\W/g, "").slice(0, 60)}\`).`,
    ...(family === undefined ? {} : ERRORS[family]),
  };
}
