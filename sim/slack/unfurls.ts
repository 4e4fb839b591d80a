import { withIds } from "./elements.ts";
import { objectOf, objectsOf } from "./json.ts";
import type { Json } from "./types.ts";
import type { World } from "./world.ts";

/** The links of the app's own domains, as `link_shared` names them. */
export function linksIn({ settings }: World, text: string): Json[] {
  const urls = text.match(/https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"]/g) ?? [];
  return urls.flatMap((url) => {
    const host = URL.canParse(url) ? new URL(url).hostname : "";
    const domain = settings.unfurlDomains.find((one) => host === one || host.endsWith(`.${one}`));
    return domain === undefined ? [] : [{ domain, url }];
  });
}

/** Whether a text has that link, and the app may unfurl it. In a message's text a URL has its `&` as an entity. */
export function canUnfurl(world: World, text: string, url: string): boolean {
  const isThere = text.includes(url) || text.includes(url.replaceAll("&", "&amp;"));
  return isThere && linksIn(world, url).length > 0;
}

/**
 * The attachments after an unfurl: docs.slack.dev/reference/methods/chat.unfurl says that a second one of the same
 * link changes the same attachment.
 */
export function unfurled(
  world: World,
  before: readonly Json[],
  unfurls: readonly [string, unknown][],
): Json[] {
  const { app } = world.settings;
  const after = [...before];
  for (const [url, preview] of unfurls) {
    const index = after.findIndex((one) => one.app_unfurl_url === url);
    const fields = objectOf(preview);
    const blocks =
      fields.blocks === undefined ? {} : { blocks: withIds(objectsOf(fields.blocks), world.ids) };
    const id = index < 0 ? after.length + 1 : after[index]?.id;
    const about = { id, from_url: url, app_unfurl_url: url, is_app_unfurl: true };
    const attachment = { ...fields, ...blocks, ...about, app_id: app.appId, bot_id: app.botId };
    after.splice(index < 0 ? after.length : index, 1, attachment);
  }
  return after;
}
