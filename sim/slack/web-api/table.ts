import { appsMethods } from "./apps.ts";
import { chatMethods } from "./chat.ts";
import { conversationsMethods } from "./conversations.ts";
import { filesMethods } from "./files.ts";
import type { Method } from "./method.ts";
import { peopleMethods } from "./people.ts";
import { reactionsMethods } from "./reactions.ts";
import { viewsMethods } from "./views.ts";

/** Every method there is; a new one is one more entry in its family's table. */
export const METHODS: ReadonlyMap<string, Method> = new Map(
  [
    appsMethods,
    chatMethods,
    conversationsMethods,
    filesMethods,
    peopleMethods,
    reactionsMethods,
    viewsMethods,
  ].flatMap((family) => Object.entries(family)),
);
