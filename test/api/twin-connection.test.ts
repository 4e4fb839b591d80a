import type { IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { ArgaAborted, ArgaFailed, ArgaUnreachable } from "../../src/api/errors.ts";
import type { Transport } from "../../src/api/transport.ts";
import { closedPort } from "../support/ports.ts";
import {
  closeAll,
  cut,
  failure,
  failureOf,
  get,
  inTurn,
  json,
  KEY,
  post,
  serve,
  text,
  transport,
} from "./support/http.ts";

afterEach(closeAll);

describe("the way there", () => {
  test("nobody listens: it never left", async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const error = await failure(post(transport(url)));
    expect(error).toBeInstanceOf(ArgaUnreachable);
    expect(error.sent).toBe("no");
  });

  test("no such host: it never left", async () => {
    const error = await failure(post(transport("http://arga.invalid")));
    expect(error).toBeInstanceOf(ArgaUnreachable);
    expect(error.sent).toBe("no");
  });

  test.each([
    ["before an answer", cut],
    [
      "in the middle of one",
      (request: IncomingMessage, response: ServerResponse) => {
        response
          .writeHead(200, { "content-type": "application/json", "content-length": "99" })
          .write('{"ok":');
        response.write("", () => cut(request, response));
      },
    ],
  ])("cut %s: nobody knows, and a POST is not sent again", async (_, answer) => {
    const { url, seen } = await serve(answer);
    const error = await failure(post(transport(url)));
    expect(error).toBeInstanceOf(ArgaUnreachable);
    expect(error.sent).toBe("maybe");
    expect(seen).toHaveLength(1);
  });

  test("given up by us: nobody knows, and it is gone at once", async () => {
    const giveUp = new AbortController();
    const { url } = await serve(() => giveUp.abort());
    const error = await failure(post(transport(url), giveUp.signal));
    expect(error).toBeInstanceOf(ArgaAborted);
    expect(error.sent).toBe("maybe");
  });

  test("destroyed under a call: it ends, and nobody knows", async () => {
    let arga: Transport | undefined;
    const { url } = await serve(() => void arga?.destroy());
    arga = transport(url, { retries: 0 });
    expect((await failure(post(arga))).sent).toBe("maybe");
  });
});

describe("trying again", () => {
  const good = json(200, { ok: true });

  test.each([
    ["a cut connection", cut],
    ["429", json(429, {}, { "retry-after": "0" })],
    ["502", json(502, {})],
    ["503", json(503, {}, { "retry-after": "0.01" })],
    ["504", text(504, "<p>", "text/html")],
  ])("a GET survives %s", async (_, bad) => {
    const { url, seen } = await serve(inTurn(bad, bad, good));
    expect(await get(transport(url))).toEqual({ ok: true });
    expect(seen).toHaveLength(3);
  });

  test("a GET gives up after two more tries", async () => {
    const { url, seen } = await serve(json(503, { detail: "down" }));
    expect(await failure(get(transport(url)))).toBeInstanceOf(ArgaFailed);
    expect(seen).toHaveLength(3);
  });

  test.each([
    ["500", json(500, {})],
    ["404", json(404, {})],
    ["a web page", text(200, "<p>", "text/html")],
    ["a wait that is the caller's to plan", json(429, {}, { "retry-after": "2" })],
  ])("a GET does not try again after %s", async (_, bad) => {
    const { url, seen } = await serve(inTurn(bad, good));
    await failure(get(transport(url)));
    expect(seen).toHaveLength(1);
  });

  test.each([429, 502, 503, 504])("a POST is never sent twice after %d", async (status) => {
    const { url, seen } = await serve(inTurn(json(status, {}, { "retry-after": "0" }), good));
    await failure(post(transport(url)));
    expect(seen).toHaveLength(1);
  });

  test("ends when the caller gives up", async () => {
    const giveUp = new AbortController();
    const { url, seen } = await serve((request, response) => {
      json(503, {}, { "retry-after": "1" })(request, response);
      response.once("finish", () => giveUp.abort());
    });
    await failure(get(transport(url), giveUp.signal));
    expect(seen).toHaveLength(1);
  });
});

describe("what is sent", () => {
  test("goes below the base path, whether or not it ends in a slash", async () => {
    for (const base of ["", "/", "/base", "/base/", "/a/b//"]) {
      const { url, seen } = await serve(json(200, { ok: true }));
      await get(transport(url + base));
      expect(seen[0]?.path).toBe(`${base.replace(/\/+$/, "")}/things/1`);
    }
  });

  test("carries the key as a bearer, and JSON where there is a body", async () => {
    const { url, seen } = await serve(json(200, { ok: true }));
    const arga = transport(url);
    await get(arga);
    await post(arga);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`]);
    expect(seen.map(({ headers }) => headers["content-type"])).toEqual([undefined, "application/json"]);
    expect(seen.map(({ body }) => body)).toEqual(["", '{"a":1}']);
  });

  test("is counted, each attempt, by its route and never by its id", async () => {
    const counted: [string, number | string][] = [];
    const { url } = await serve(inTurn(cut, json(503, {}), json(200, { ok: true })));
    await get(transport(url, { requests: { inc: ({ route, status }) => counted.push([route, status]) } }));
    expect(counted).toEqual([
      ["GET /things/{id}", "ARGA_UNREACHABLE"],
      ["GET /things/{id}", 503],
      ["GET /things/{id}", 200],
    ]);
  });
});

describe("secrets", () => {
  /** Everything that a log or a person could get to see of an error. */
  const everything = (error: Error): string =>
    [error.message, error.stack, JSON.stringify(error), inspect(error, { depth: 9, showHidden: true })].join(
      "\n",
    );

  const echo = (request: IncomingMessage, response: ServerResponse) =>
    json(401, { detail: `Invalid or expired API key ${request.headers.authorization}` })(request, response);

  test.each([
    ["a refusal", json(401, { detail: "Invalid API key" })],
    ["a refusal that repeats it", echo],
    ["a failure", json(500, {})],
    ["a cut", cut],
    ["a web page", text(200, "<p>", "text/html")],
    ["broken JSON", text(200, "{", "application/json")],
  ])("the key is in nothing of an error after %s", async (_, answer) => {
    expect(everything(await failureOf(answer))).not.toContain(KEY);
  });

  test("the key is in nothing of an error when nobody listens", async () => {
    const error = await failure(post(transport(`http://127.0.0.1:${await closedPort()}`)));
    expect(everything(error)).not.toContain(KEY);
  });

  test.each([
    ["cannot be read", '{"proxy_token": ptk_secret}'],
    ["is cut short", '{"proxy_token":"ptk_secret'],
    ["has another shape", '{"ok":"ptk_secret"}'],
  ])("an answer that %s does not lay its secrets into the error", async (_, body) => {
    expect(everything(await failureOf(text(200, body, "application/json"), get))).not.toContain("ptk_");
  });
});
