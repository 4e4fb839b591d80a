import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import { createServer as createTls } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { ArgaClient } from "../../src/api/client.ts";
import {
  ArgaAborted,
  ArgaFailed,
  ArgaMisconfigured,
  ArgaNotFound,
  ArgaRefused,
  ArgaUnreachable,
  ArgaUnsendable,
} from "../../src/api/errors.ts";
import { calls } from "./support/calls.ts";
import { certificate } from "./support/certificate.ts";
import { closeAll, failure, sendJson, serve } from "./support/server.ts";

/** What is known of a request that did not come through. */

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await closeAll();
});

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

function clientOf(url: string): ArgaClient {
  const client = new ArgaClient({ url, key: "arga_sk_test" });
  closers.unshift(() => client.destroy());
  return client;
}

const create = (client: ArgaClient) => client.twinRuns.create({ twins: ["stripe"] });
const DAY_MS = 86_400_000;
const day = (n: number): Date => new Date(Date.now() + n * DAY_MS);

describe("it certainly never left", () => {
  test.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", certificate(day(-1), day(1))],
    ["CERT_HAS_EXPIRED", certificate(day(-9), day(-3))],
    ["CERT_NOT_YET_VALID", certificate(day(3), day(9))],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", certificate(day(-1), day(1), "nobody")],
  ])("with %s", async (code, identity) => {
    const port = await portOf(createHttps(identity));
    const error = await failure(create(clientOf(`https://127.0.0.1:${port}`)));
    expect(error).toBeInstanceOf(ArgaUnreachable);
    expect(error).toMatchObject({ sent: "no", message: expect.stringContaining(code) });
  });

  test.each([
    ["breaks off", "ECONNRESET", (end: () => void) => end()],
    [
      "is answered in plain text",
      "ERR_SSL",
      (_: () => void, write: (text: string) => void) => write("HTTP/1.1 200 OK\r\n\r\n"),
    ],
  ])("when a TLS handshake %s", async (_, code, answer) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () =>
        answer(
          () => socket.resetAndDestroy(),
          (text) => socket.end(text),
        ),
      );
    });
    const error = await failure(create(clientOf(`https://127.0.0.1:${await portOf(server)}`)));
    expect(error).toMatchObject({ sent: "no", message: expect.stringContaining(code) });
  });

  test("over HTTP/1.1, the one protocol that is offered: over HTTP/2 undici repeats requests by itself", async () => {
    const offered: string[][] = [];
    const ALPNCallback = ({ protocols }: { protocols: string[] }) => {
      offered.push(protocols);
      return "http/1.1";
    };
    const port = await portOf(createTls({ ...certificate(day(-1), day(1)), ALPNCallback }));
    await failure(create(clientOf(`https://127.0.0.1:${port}`)));
    expect(offered).toEqual([["http/1.1"]]);
  });

  test.each(["close", "destroy"] as const)("when the client was ended by %s before", async (end) => {
    const { client, seen } = await serve((_, response) => sendJson(response, {}));
    await client[end]();
    for (const call of [create(client), client.testRuns.list()]) {
      const error = await failure(call);
      expect(error).toBeInstanceOf(ArgaAborted);
      expect(error.sent).toBe("no");
    }
    expect(seen).toEqual([]);
  });

  test("when its body is no JSON", async () => {
    const { client, seen } = await serve((_, response) => sendJson(response, {}));
    const test_config: Record<string, unknown> = {};
    test_config.itself = test_config;
    const error = await failure(client.testRuns.create({ prompt: "go", test_config }));
    expect(error).toBeInstanceOf(ArgaUnsendable);
    expect(error.sent).toBe("no");
    expect(seen).toEqual([]);
  });
});

describe("nobody knows", () => {
  test("when a connection that stood is cut under it, also by the client's own end", async () => {
    const { client } = await serve((request, response) => {
      if (request.url === "/twin-runs") void client.destroy();
      else response.socket?.resetAndDestroy();
    });
    expect(await failure(client.tests.create({ name: "a" }))).toMatchObject({ sent: "maybe" });
    expect(await failure(create(client))).toMatchObject({ sent: "maybe" });
  });
});

describe("it was refused", () => {
  test.each([
    [409, ArgaRefused, "refused"],
    [404, ArgaNotFound, "refused"],
    [500, ArgaFailed, "maybe"],
  ])("by a %d whose words are lost on the way, as by any other", async (status, type, sent) => {
    const { client, seen } = await serve((_, response) => {
      response.writeHead(status, { "content-type": "application/json", "content-length": "99" });
      response.write('{"detail":"Run not', () => response.socket?.resetAndDestroy());
    });
    const error = await failure(create(client));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ sent, status });
    expect(seen).toHaveLength(1);
  });

  test("with words that are endless, or have no bottom", async () => {
    for (const words of [
      "x".repeat(17 * 1024 * 1024),
      `${"[".repeat(100_000)}"deep"${"]".repeat(100_000)}`,
    ]) {
      const { client } = await serve((_, response) =>
        response
          .writeHead(400, { "content-type": "application/json" })
          .end(`{"detail":${words.startsWith("x") ? `"${words}"` : words}}`),
      );
      const error = await failure(create(client));
      expect(error).toBeInstanceOf(ArgaRefused);
      expect(error.message.length).toBeLessThan(700);
    }
  });
});

describe("a client cannot be made", () => {
  const made = (url: string, key: string): unknown => {
    try {
      return new ArgaClient({ url, key });
    } catch (error) {
      return error;
    }
  };

  test.each([
    "arga_sk_secret\n",
    "arga_sk_secret\r\nx: y",
    "arga_sk_secret\u0000",
    "arga_sk_secret ",
    "arga_sk_secretł",
    "“arga_sk_secret”",
  ])("with a key that no header takes: %j", (key) => {
    const error = made("http://127.0.0.1:1", key);
    expect(error).toBeInstanceOf(ArgaMisconfigured);
    expect(error).toMatchObject({ code: "ARGA_MISCONFIGURED", sent: "no" });
    expect(String(error)).not.toContain("secret");
  });

  test.each(["", "api.argalabs.com", "ftp://api.argalabs.com", "https://", "http://me:secret@[x"])(
    "with %j for a URL",
    (url) => {
      const error = made(url, "arga_sk_test");
      expect(error).toBeInstanceOf(ArgaMisconfigured);
      expect(String(error)).not.toContain("secret");
    },
  );
});

describe("given up", () => {
  test.each(calls)("before it began, %s asks nothing", async (_, call) => {
    const { client, seen } = await serve((_request, response) => sendJson(response, {}));
    const error = await failure(call(client, AbortSignal.abort()));
    expect(error).toBeInstanceOf(ArgaAborted);
    expect(error.sent).toBe("no");
    expect(seen).toEqual([]);
  });

  test("between two tries, a look ends as given up", async () => {
    const giveUp = new AbortController();
    const { client, seen } = await serve((_, response) => {
      response.once("finish", () => setTimeout(() => giveUp.abort(), 20));
      response.writeHead(503, { "retry-after": "1" }).end("{}");
    });
    expect(await failure(client.testRuns.list(giveUp.signal))).toBeInstanceOf(ArgaAborted);
    expect(seen).toHaveLength(1);
  });
});
