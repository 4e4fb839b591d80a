import { expect, test } from "vitest";
import { withEmoji } from "../../sim/slack/page/render/emoji.ts";
import { html } from "../../sim/slack/page/render/html.ts";
import { withPictures } from "../../sim/slack/page/render/pictures.ts";
import { found, source } from "./files.ts";

test("the local page has a picture for each emoji that the bot writes: without a font it was an empty box", () => {
  // Keys in Redis look alike.
  const names = found(source(), /(?<![\w:])(:[a-z_]{2,}:)(?![\w:])/g).filter(
    (name) => withEmoji(name) !== name,
  );
  expect(names.length).toBeGreaterThan(8);
  const without = names.filter((name) => !withPictures(html`${withEmoji(name)}`).text.includes("<svg"));
  expect(without).toEqual([]);
});
