import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { withoutKey } from "../../src/api/secrets.ts";
import { cpuMs } from "../support/cpu.ts";
import { closeAll, failure, serve } from "./support/server.ts";

/** The key, in whatever form a server or a proxy repeats it. */

afterEach(closeAll);

/** The key that `serve` gives its client. */
const KEY = "arga_sk_test";
const unicode = (text: string): string =>
  Array.from(text, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const ESCAPED = unicode(KEY);

/** All that a log or a person could get to see of the error after an answer of these bytes. */
async function seenAfter(body: string, type = "application/json"): Promise<string> {
  const { client } = await serve((_, response) =>
    response.writeHead(401, { "content-type": type }).end(body),
  );
  const error = await failure(client.twinRuns.get("r1"));
  return `${error.message} ${error.stack} ${inspect(error, { depth: 9, showHidden: true })}`;
}

describe("the key is not in an error", () => {
  test.each([
    ["as it is", `{"detail":"Bad key ${KEY}"}`],
    ["with one character escaped", `{"detail":"Bad key \\u0061rga_sk_test"}`],
    ["with all of them escaped", `{"detail":"Bad key ${ESCAPED}"}`],
    ["in capital digits", `{"detail":"Bad key \\u0061\\u0072\\u0067\\u0061\\u005Fsk_test"}`],
    ["in JSON in JSON", JSON.stringify({ detail: `{"key":"\\u0061rga_sk_test"}` })],
    ["in a list of FastAPI's", `{"detail":[{"loc":["header","\\u0061rga_sk_test"],"msg":"odd"}]}`],
    ["in JSON that breaks off", `{"detail":"Bad key \\u0061rga_sk_test`],
    ["as somebody else's", `{"detail":"Bad key \\u0061rga_sk_other_test"}`],
  ])("when it is repeated %s", async (_, body) => {
    const seen = await seenAfter(body);
    expect(seen).not.toMatch(/sk_test|sk_other|_test|u0061|u005f/i);
  });

  test("nor half of it, where Arga's words are cut", async () => {
    for (let before = 580; before <= 600; before++) {
      const seen = await seenAfter(JSON.stringify({ detail: `${"x".repeat(before)}${KEY} and more` }));
      expect(seen).not.toContain("arga_sk_t");
    }
  });

  test("whatever it is made of, and however each character of it is written", () => {
    const key = fc.string({
      unit: fc.integer({ min: 33, max: 126 }).map((c) => String.fromCharCode(c)),
      minLength: 8,
    });
    const forms = fc.array(fc.nat(3), { minLength: 1 });
    fc.assert(
      fc.property(key, forms, fc.string(), (secret, how, around) => {
        const written = Array.from(secret, (each, index) => {
          const form = how[index % how.length];
          if (form === 1) return unicode(each);
          if (form === 2) return unicode(each).toUpperCase().replace("U", "u");
          return form === 3 ? `\\${each}` : each;
        }).join("");
        const hidden = withoutKey(secret)(`${around}${written}${around}`);
        expect(hidden).not.toContain(written);
      }),
    );
  });

  test("which costs no more than its time, whatever it is looked for in", () => {
    const took = cpuMs(() => void withoutKey(KEY)("\\".repeat(1_000_000)));
    expect(took).toBeLessThan(2_000);
  });
});

test("without a key, words stay as they are", () => {
  expect(withoutKey("")("Who are you? Not arga_sk_abc.")).toBe("Who are you? Not arga_sk_….");
});
