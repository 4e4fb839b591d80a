import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { grammars } from "../../src/handlers/commands/index.ts";
import { cardsOf, isTaken } from "../support/life.ts";
import { startWorld, type World } from "../support/world.ts";
import { oddText } from "./foreign.ts";
import { RUNS, SEED } from "./runs.ts";

/** Whatever is typed after `/arga` is answered: at once, with a card, with a form, or alone a little later. */

let world: World;
beforeAll(async () => {
  world = await startWorld({ slack: { rateLimits: false, timing: { ackMs: 60_000, triggerMs: 60_000 } } });
});
afterAll(() => world?.stop());

const example = fc.constantFrom(...grammars.flatMap(({ examples }) => examples.map((text) => text.slice(6))));
const word = fc.oneof(
  ...[fc.constantFrom(...grammars.map(({ name }) => name)), oddText.map((text) => text.slice(0, 200))],
  fc.constantFrom(
    "stripe",
    "60",
    "--twins",
    "--prompt=x",
    "acme/shop",
    "main",
    "https://shop.example.com",
    '"',
    "“",
  ),
);

const lines = fc
  .tuple(fc.oneof(example, word), fc.array(word, { maxLength: 4 }), fc.nat(20))
  .map(([first, others, at]) => {
    const words = [...first.split(" "), ...others];
    // Something of the example is missing, as when it's typed half.
    return words.filter((_, n) => n !== at).join(" ");
  });

test("whatever is typed is answered", async () => {
  const { slack } = world;
  const answers = (): number =>
    slack.ephemerals("alice").length + cardsOf(world).length + slack.log.filter(isShown).length;
  await fc.assert(
    fc.asyncProperty(lines, async (text) => {
      const before = answers();
      const typed = await slack.command("alice", "dev", "/arga", text);
      expect(isTaken(typed)).toBe(true);
      expect(JSON.stringify(typed.shown ?? "")).not.toContain("Something went wrong on my side");
      if (typed.shown === undefined) await slack.until(() => answers() > before);
    }),
    { numRuns: Math.ceil(RUNS / 5), ...SEED, interruptAfterTimeLimit: 600_000 },
  );
  expect(world.bot.hasExited()).toBe(false);
}, 700_000);

/** A form, or a notification's first message. */
const isShown = ({ method, applied }: World["slack"]["log"][number]): boolean =>
  applied && (method === "views.open" || method === "chat.postMessage");
