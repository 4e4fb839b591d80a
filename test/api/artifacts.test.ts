import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { ArgaClient } from "../../src/api/client.ts";

/** Pictures that Arga has of runs: where they are found in answers, and which of them are read. */

const KEY = "arga_sk_0123456789";
const MB = 1024 * 1024;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

interface Served {
  type?: string;
  bytes?: number;
  status?: number;
  location?: string;
  isOpenEnded?: true;
}

/** A server with files by their path, and what was asked of it. */
async function serve(files: Record<string, Served>) {
  const asked: { url: string; authorization: string | undefined }[] = [];
  const server = createServer(({ url = "", headers }, response) => {
    asked.push({ url, authorization: headers.authorization });
    const {
      type = "image/png",
      bytes = 10,
      status = 200,
      location,
      isOpenEnded,
    } = files[url] ?? { status: 404 };
    response.writeHead(status, {
      "content-type": type,
      ...(location ? { location } : {}),
      ...(isOpenEnded ? {} : { "content-length": bytes }),
    });
    response.end(Buffer.alloc(bytes, 1));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function clientOf(url: string): ArgaClient {
  const client = new ArgaClient({ url, key: KEY });
  closing.push(() => client.destroy());
  return client;
}

const FOLDER = "/validate/7/artifacts";
const found = (answer: unknown, url = "https://api.example/v1") => clientOf(url).artifacts.in(answer, FOLDER);

describe("an artifact is found", () => {
  test.each([
    ["by a field's name", { screenshot_url: "https://api.example/a.png" }, "https://api.example/a.png"],
    ["as a video", { videoUrl: "https://api.example/a.webm" }, "https://api.example/a.webm"],
    ["in a list of addresses", { artifacts: ["https://api.example/a.png"] }, "https://api.example/a.png"],
    ["in a list of objects", { artifacts: [{ type: "x", url: "/a.png" }] }, "https://api.example/v1/a.png"],
    [
      "by the name of a file",
      { artifacts: [{ filename: "a.png" }] },
      `https://api.example/v1${FOLDER}/a.png`,
    ],
    [
      "in an event",
      { events_json: [{ type: "screenshot", url: "https://api.example/a.png" }] },
      "https://api.example/a.png",
    ],
    [
      "without its token",
      { screenshot_url: "https://u:p@api.example/a.png?token=secret#x" },
      "https://api.example/a.png",
    ],
  ])("%s", (_, answer, url) => {
    expect(found(answer)).toEqual([expect.objectContaining({ url })]);
  });

  test("in no other field, and never as what no browser opens", () => {
    expect(
      found({
        start_url: "https://shop.example/a.png",
        events_json: [{ type: "step", message: "https://shop.example/a.png" }],
        screenshot_url: "javascript:alert(1)",
        screenshots: [`https://api.example/${"a".repeat(3_000)}.png`, null, 7, "data:image/png;base64,AAAA"],
      }),
    ).toEqual([]);
  });

  test("with the step that it belongs to, and that this failed", () => {
    const steps = [
      { step: "open", status: "passed", screenshot_url: "/1.png" },
      { step: "pay", status: "failed", screenshot_url: "/2.png" },
    ];
    expect(found({ status: "failed", step_summaries: steps })).toMatchObject([
      { name: "1.png", step: "open", isOfFailure: false },
      { name: "2.png", step: "pay", isOfFailure: true },
    ]);
  });

  test("in an answer of any size and depth, in little time", () => {
    let deep: unknown = "https://api.example/a.png";
    for (let n = 0; n < 5_000; n++) deep = { artifacts: deep };
    const wide = Array.from({ length: 200_000 }, (_, n) => ({ screenshot: `/${n}.png` }));
    const begun = performance.now();
    expect(found({ deep })).toEqual([]);
    expect(found({ wide }).length).toBeLessThanOrEqual(200);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe("an artifact is read", () => {
  test("with the key, below Arga's own address and nowhere else", async () => {
    const [arga, other] = [await serve({ "/a.png": { bytes: 3 } }), await serve({ "/a.png": {} })];
    const { artifacts } = clientOf(arga.url);
    expect(await artifacts.read(`${arga.url}/a.png`)).toEqual(Buffer.alloc(3, 1));
    expect(arga.asked).toEqual([{ url: "/a.png", authorization: `Bearer ${KEY}` }]);
    for (const url of [
      `${other.url}/a.png`,
      "http://169.254.169.254/a.png",
      "file:///etc/passwd",
      "nonsense",
    ])
      expect(await artifacts.read(url)).toBe("never");
    expect(other.asked).toEqual([]);
  });

  test("up to ten megabytes, whatever is announced", async () => {
    const { url } = await serve({
      "/most": { bytes: 10 * MB },
      "/more": { bytes: 10 * MB + 1 },
      "/unannounced": { bytes: 10 * MB + 1, isOpenEnded: true },
      "/nothing": { bytes: 0 },
    });
    const { artifacts } = clientOf(url);
    expect(await artifacts.read(`${url}/most`)).toHaveLength(10 * MB);
    for (const path of ["/more", "/unannounced", "/nothing"])
      expect([path, await artifacts.read(url + path)]).toEqual([path, "never"]);
  });

  test("where it is, and no redirect is followed", async () => {
    const elsewhere = await serve({ "/a.png": {} });
    const { url, asked } = await serve({
      "/out": { status: 302, location: `${elsewhere.url}/a.png` },
      "/in": { status: 302, location: "/a.png" },
      "/a.png": {},
    });
    const { artifacts } = clientOf(url);
    expect(await artifacts.read(`${url}/out`)).toBe("never");
    expect(await artifacts.read(`${url}/in`)).toBe("never");
    expect(elsewhere.asked).toEqual([]);
    expect(asked.map((request) => request.url)).toEqual(["/out", "/in"]);
  });

  test("if it's a picture or a video; and another time if Arga stumbles", async () => {
    const { url } = await serve({
      "/page": { type: "text/html" },
      "/drawing": { type: "image/svg+xml" },
      "/film": { type: "video/webm" },
      "/raw.png": { type: "application/octet-stream" },
      "/raw.bin": { type: "application/octet-stream" },
      "/gone": { status: 404 },
      "/down": { status: 503 },
    });
    const { artifacts } = clientOf(url);
    const outcomes = await Promise.all(
      ["/page", "/drawing", "/film", "/raw.png", "/raw.bin", "/gone", "/down"].map(async (path) => {
        const read = await artifacts.read(url + path);
        return [path, typeof read === "string" ? read : read.length];
      }),
    );
    expect(Object.fromEntries(outcomes)).toEqual({
      "/page": "never",
      "/drawing": "never",
      "/film": 10,
      "/raw.png": 10,
      "/raw.bin": "never",
      "/gone": "never",
      "/down": "passing",
    });
    expect(await clientOf("http://127.0.0.1:1").artifacts.read("http://127.0.0.1:1/a.png")).toBe("passing");
  });
});
