import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

/** The least that can acknowledge: node:http, Slack's signature over the body, and 200. Keeps nothing. */
const { SLACK_SIGNING_SECRET = "" } = process.env;
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const signed = `v0:${request.headers["x-slack-request-timestamp"]}:${Buffer.concat(chunks)}`;
  const expected = Buffer.from(
    `v0=${createHmac("sha256", SLACK_SIGNING_SECRET).update(signed).digest("hex")}`,
  );
  const given = Buffer.from(String(request.headers["x-slack-signature"]));
  const isSlacks = given.length === expected.length && timingSafeEqual(given, expected);
  response.writeHead(isSlacks ? 200 : 401).end();
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as { port: number };
  process.stdout.write(`listening ${port}\n`);
});
