import { pino } from "pino";
import { beforeEach, expect, test } from "vitest";
import type { HandlerContext } from "../../../src/handlers/shared/context.ts";
import { errorReply } from "../../../src/handlers/shared/error-reply.ts";
import { UsageError } from "../../../src/kinds/grammar.ts";
import { StoreUnavailable } from "../../../src/store/redis.ts";

/** What a person is told of an error, and what the log is. */

let said: { level: number; msg: string; err?: object }[];
let context: HandlerContext;
beforeEach(() => {
  said = [];
  const logger = pino({}, { write: (line: string) => void said.push(JSON.parse(line)) });
  context = { logger } as HandlerContext;
});
const buttons = ({ blocks }: ReturnType<typeof errorReply>): unknown[] =>
  blocks.flatMap((block) =>
    block.type === "actions" ? block.elements.map((each) => ("value" in each ? each.value : undefined)) : [],
  );

test("what was typed wrong is said, with what works, and is no line of the log", () => {
  expect(errorReply(context, new UsageError("No.", "/arga twins stripe")).text).toBe(
    "No. Try `/arga twins stripe`",
  );
  expect(errorReply(context, new UsageError("No.")).text).toBe("No. Try `/arga help`");
  const offer = new UsageError("No.", "/arga list", [{ label: "Run it", command: "/arga list mine" }]);
  expect(buttons(errorReply(context, offer))).toEqual(["/arga list mine"]);
  expect(said).toEqual([]);
});

test("what couldn't be done is said, and can be tried again as it was typed", () => {
  const away = new StoreUnavailable(new Error("gone"));
  const again = errorReply(context, away, "/arga twins stripe 60");
  expect(again.text).toBe(`${away.message} Try \`/arga twins stripe 60\``);
  expect(buttons(again)).toEqual(["/arga twins stripe 60"]);
  expect(errorReply(context, away).text).toBe(away.message);
  expect(buttons(errorReply(context, away))).toEqual([]);
  expect(said).toMatchObject([{ level: 50, msg: "Command or press failed", err: expect.anything() }, {}, {}]);
});

test("a mistake of ours is no news to whoever typed, but that nothing was started", () => {
  const { text } = errorReply(context, new TypeError("x is not a function"), "/arga list");
  expect(text).toBe(
    "Something went wrong on my side, and nothing was started. The bot's log has the details.",
  );
  expect(said).toHaveLength(1);
});
