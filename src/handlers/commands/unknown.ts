import { SLASH_COMMAND } from "../../slack/ids.ts";
import type { Content } from "../../views/card.ts";
import { refusal } from "../../views/replies.ts";

/** A slash command that someone added to the Slack app by hand. */
export const unknownCommand = async (): Promise<Content> =>
  refusal(`I only answer to \`${SLASH_COMMAND}\`.`, `${SLASH_COMMAND} help`);
