import { type Problem, validateBlocks, validateMessage, validateView } from "../blocks/validate.ts";
import { defined, objectOf, stringOf } from "../json.ts";
import { explained, Refusal } from "../refusal.ts";
import type { Json } from "../types.ts";
import type { Call, Methods } from "./method.ts";

export const appsMethods: Methods = {
  "apps.connections.open": {
    token: "app",
    scopes: ["connections:write"],
    tier: 1,
    args: {},
    run: openConnection,
  },
  // Its tier is not published; it needs no token.
  "blocks.validate": {
    token: "none",
    scopes: [],
    tier: "special",
    args: { blocks: "json", view: "json", message: "json" },
    run: validate,
  },
};

function openConnection({ world }: Call): Json {
  const base = world.url.replace(/^http/, "ws");
  return { url: `${base}/link/?${world.sockets.issueTicket()}` };
}

function validate(call: Call): Json {
  const given = ["blocks", "view", "message"].filter((name) => call.args.has(name));
  if (given.length !== 1)
    throw explained("invalid_arguments", "must give exactly one of blocks, view and message");
  const problems = problemsOf(call);
  if (problems.length > 0) throw new Refusal("invalid_blocks", { errors: problems });
  return {};
}

function problemsOf({ args }: Call): Problem[] {
  if (args.has("blocks")) return validateBlocks(args.value("blocks"), "message");
  if (args.has("view")) return validateView(args.value("view"));
  const { text, blocks, metadata } = objectOf(args.value("message"));
  return validateMessage(defined({ text: stringOf(text), blocks, metadata }));
}
