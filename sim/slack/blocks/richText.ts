import { boolean, byType, type Check, integer, list, object, oneOf, pattern, string } from "./checks.ts";
import { LIMITS } from "./limits.ts";
import { channelId, dateFormat, teamId, url, usergroupId, userId } from "./text.ts";

const textStyle = {
  bold: boolean,
  italic: boolean,
  strike: boolean,
  underline: boolean,
  code: boolean,
};
const style = object({}, textStyle);
const mentionStyle = object(
  {},
  { ...textStyle, highlight: boolean, client_highlight: boolean, unlink: boolean },
);

const text = object({ type: oneOf("text"), text: string() }, { style });
const link = object(
  { type: oneOf("link"), url: url("http:", "https:", "mailto:") },
  { text: string(), unsafe: boolean, style },
);

/** What may stand in a line of rich text. */
const LEAVES: Readonly<Record<string, Check>> = {
  text,
  link,
  emoji: object(
    { type: oneOf("emoji"), name: pattern(/^[^:\s]+$/, "the name of an emoji, without colons") },
    { unicode: string(), url: url(), skin_tone: integer({ min: 1, max: 6 }), style },
  ),
  user: object({ type: oneOf("user"), user_id: userId }, { style: mentionStyle }),
  usergroup: object({ type: oneOf("usergroup"), usergroup_id: usergroupId }, { style: mentionStyle }),
  channel: object({ type: oneOf("channel"), channel_id: channelId }, { style: mentionStyle }),
  team: object({ type: oneOf("team"), team_id: teamId }, { style: mentionStyle }),
  broadcast: object(
    { type: oneOf("broadcast"), range: oneOf("here", "channel", "everyone") },
    { style: mentionStyle },
  ),
  date: object(
    { type: oneOf("date"), timestamp: integer({ min: 0 }), format: dateFormat },
    { url: url(), fallback: string(), style },
  ),
  color: object({ type: oneOf("color"), value: pattern(/^#[0-9a-fA-F]{6}$/, "a hex colour") }, { style }),
};

const leaves = list(byType(LEAVES), { min: 0 });
const border = oneOf(0, 1);
const section = object({ type: oneOf("rich_text_section"), elements: leaves });
const preformattedLeaves = list(byType({ text, link }), { min: 0 });

/** What a rich text is made of: paragraphs, lists, code and quotes. */
const PARTS: Readonly<Record<string, Check>> = {
  rich_text_section: section,
  rich_text_list: object(
    {
      type: oneOf("rich_text_list"),
      style: oneOf("bullet", "ordered"),
      elements: list(byType({ rich_text_section: section })),
    },
    { indent: integer({ min: 0, max: LIMITS.richText.indent }), offset: integer({ min: 0 }), border },
  ),
  rich_text_preformatted: object(
    { type: oneOf("rich_text_preformatted"), elements: preformattedLeaves },
    { border, language: string() },
  ),
  rich_text_quote: object({ type: oneOf("rich_text_quote"), elements: leaves }, { border }),
};

/** A whole `rich_text` block, also as the value of an input or a table cell. */
export const richText = object(
  { type: oneOf("rich_text"), elements: list(byType(PARTS), { min: 0 }) },
  { block_id: string({ max: LIMITS.id.block }) },
);
