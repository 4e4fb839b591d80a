import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { signatureProblem } from "../../../src/slack/receivers/signature.ts";

/** Slack's published example (docs.slack.dev/authentication/verifying-requests-from-slack). */
const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const TIMESTAMP = 1531420618;
const BODY =
  "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

const vector = { timestamp: String(TIMESTAMP), signature: SIGNATURE, body: Buffer.from(BODY) };
const at = (seconds: number): number => (TIMESTAMP + seconds) * 1000;

test("Slack's own example is accepted", () => {
  expect(signatureProblem([SECRET], vector, at(0))).toBeUndefined();
});

test("a body is signed as bytes, whatever they mean", () => {
  const body = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
  const signature = `v0=${createHmac("sha256", SECRET).update(`v0:${TIMESTAMP}:`).update(body).digest("hex")}`;
  expect(signatureProblem([SECRET], { ...vector, body, signature }, at(0))).toBeUndefined();
});

describe("the time of signing", () => {
  test.each([
    [0, undefined],
    [300, undefined],
    [301, "too old"],
    [86_400, "too old"],
    [-60, undefined],
    [-61, "from the future"],
    [-86_400, "from the future"],
  ])("%d seconds ago: %s", (seconds, refused) => {
    expect(signatureProblem([SECRET], vector, at(seconds))).toBe(refused);
  });

  test("cannot be moved into the window without signing anew", () => {
    const moved = { ...vector, timestamp: String(TIMESTAMP + 1000) };
    expect(signatureProblem([SECRET], moved, at(1000))).toBe("wrong signature");
  });

  test.each(["", "soon", "-1531420618", "1531420618.5", " 1531420618", "0x5b47a1ca", "9".repeat(13)])(
    "%j is no time",
    (timestamp) => {
      expect(signatureProblem([SECRET], { ...vector, timestamp }, at(0))).toBe("no signature");
    },
  );
});

describe("tampering", () => {
  const flipped = SIGNATURE.replace(/.$/, (last) => (last === "3" ? "4" : "3"));
  test.each([
    ["another body", { body: Buffer.from(`${BODY}&text=more`) }],
    ["an empty body", { body: Buffer.alloc(0) }],
    ["one digit of the signature", { signature: flipped }],
    ["a cut signature", { signature: SIGNATURE.slice(0, -1) }],
    ["a longer signature", { signature: `${SIGNATURE}0` }],
    ["another version", { signature: SIGNATURE.replace("v0=", "v1=") }],
    ["no version", { signature: SIGNATURE.slice(3) }],
    ["upper case", { signature: SIGNATURE.toUpperCase() }],
    ["characters of several bytes", { signature: "é".repeat(SIGNATURE.length) }],
  ])("%s is refused", (_, change) => {
    expect(signatureProblem([SECRET], { ...vector, ...change }, at(0))).toBe("wrong signature");
  });

  test("another app's secret does not do", () => {
    expect(signatureProblem([`${SECRET}0`], vector, at(0))).toBe("wrong signature");
  });
});

test.each([
  ["timestamp", { timestamp: undefined }],
  ["signature", { signature: undefined }],
  ["signature value", { signature: "" }],
])("a request without its %s is refused", (_, change) => {
  expect(signatureProblem([SECRET], { ...vector, ...change }, at(0))).toBe("no signature");
});

test("either of two secrets may have signed it while one replaces the other", () => {
  for (const secrets of [
    [SECRET, "another"],
    ["another", SECRET],
  ])
    expect(signatureProblem(secrets, vector, at(0))).toBeUndefined();
  expect(signatureProblem(["another", "third"], vector, at(0))).toBe("wrong signature");
});
