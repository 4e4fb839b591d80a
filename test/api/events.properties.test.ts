import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgaEventTooLarge } from "../../src/api/errors.ts";
import { type ArgaEvent, EVENT_LIMIT_BYTES, EventReader } from "../../src/api/events.ts";

/** Reads the stream in these pieces; `error` is what ended it early. */
function read(pieces: Uint8Array[]): { events: ArgaEvent[]; error: unknown } {
  const reader = new EventReader("GET /stream");
  const events: ArgaEvent[] = [];
  try {
    // One by one: what came before an error counts.
    for (const piece of pieces) for (const event of reader.feed(piece)) events.push(event);
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  }
}

function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  // In order, and none twice.
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const readText = (text: string): ArgaEvent[] => read([bytesOf(text)]).events;

/** Streams that are nearly right, with everything that a cut could tear apart. */
const piece = fc.constantFrom(
  ...[
    "data:",
    "data: ",
    "data",
    "event: status",
    "id: 7",
    "id:",
    "retry: 10",
    "retry: x",
    ": ping",
    ":",
    "odd: 1",
  ],
  ...['{"status":"running"}', "{", "null", "é", "😀", "\ufeff", "ï»¿", "\0", " ", "x"],
  ...["\n", "\n", "\n\n", "\r\n", "\r\n\r\n", "\r", "\r\r"],
);
const stream = fc.oneof(
  fc.array(piece, { maxLength: 60 }).map((parts) => bytesOf(parts.join(""))),
  fc.uint8Array({ maxLength: 400 }),
);
const places = fc.array(fc.nat(), { maxLength: 30 });

describe("any cut of any stream", () => {
  test("gives the same events", () => {
    fc.assert(
      fc.property(stream, places, (bytes, where) => {
        expect(read(cut(bytes, where))).toEqual(read([bytes]));
      }),
      { numRuns: 3_000 },
    );
  });

  test("gives the same events byte by byte", () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        expect(read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(read([bytes]));
      }),
      { numRuns: 1_000 },
    );
  });

  test("fails in the same place, with the same events before it, around the limit", () => {
    const sizes = fc.integer({ min: EVENT_LIMIT_BYTES - 40, max: EVENT_LIMIT_BYTES + 40 });
    fc.assert(
      fc.property(sizes, places, fc.constantFrom("\n", "\r\n", "\r"), (size, where, end) => {
        const bytes = bytesOf(`data: 1${end}${end}data:${"x".repeat(size)}${end}${end}data: 2${end}${end}`);
        const whole = read([bytes]);
        const pieces = read(cut(bytes, where));
        expect(pieces.events).toEqual(whole.events);
        expect(pieces.error?.constructor).toBe(whole.error?.constructor);
        expect(whole.events).toHaveLength(size + 5 > EVENT_LIMIT_BYTES ? 1 : 3);
      }),
      { numRuns: 40 },
    );
  });
});

describe("any bytes at all", () => {
  test("are events or nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (pieces) => {
        expect(read(pieces).error).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ["a line without an end", "x"],
    ["a comment without an end", ":"],
    ["data without an end", "data: x\n"],
    ["fields that nobody knows", "odd: x\n"],
  ])("that go on for ever, as %s, are an error and not an allocation", (_, unit) => {
    const reader = new EventReader("GET /stream");
    const chunk = bytesOf(unit.repeat(Math.ceil(65_536 / unit.length)));
    const endless = () => {
      for (let n = 0; n < 40; n++) for (const _event of reader.feed(chunk));
    };
    expect(endless).toThrow(ArgaEventTooLarge);
  });

  test("heartbeats go on for ever without harm, also without blank lines between them", () => {
    const reader = new EventReader("GET /stream");
    const beats = bytesOf(": still here\n".repeat(10_000));
    for (let n = 0; n < 20; n++) expect([...reader.feed(beats)]).toEqual([]);
    expect([...reader.feed(bytesOf("data: 1\n\n"))]).toEqual([{ data: 1 }]);
  });
});

describe("what an event is", () => {
  test("names, ids and data are told apart", () => {
    expect(readText('event: step\nid: 4\ndata: {"n":1}\n\n')).toEqual([
      { event: "step", id: "4", data: { n: 1 } },
    ]);
  });

  test.each([
    ["CRLF", "data: 1\r\n\r\n"],
    ["CR", "data: 1\r\r"],
    ["LF", "data: 1\n\n"],
    ["a mark at the start", "\ufeffdata: 1\n\n"],
    ["a comment between", "data: 1\n: ping\n\n"],
  ])("with %s", (_, text) => {
    expect(readText(text)).toEqual([{ data: 1 }]);
  });

  test("data of several lines is one text, and may be JSON together", () => {
    expect(readText('data: {"a":\ndata: 1}\n\ndata: one\ndata: two\n\n')).toEqual([
      { data: { a: 1 } },
      { data: "one\ntwo" },
    ]);
  });

  test.each(["{", "undefined", "{'a': 1}", "12 monkeys", ""])(
    "JSON that is no JSON stays text: %j",
    (text) => {
      expect(readText(`data: ${text}\n\n`)).toEqual([{ data: text }]);
    },
  );

  test("what looks like a mangled mark at the start is the name of a field that nobody knows", () => {
    const bytes = bytesOf("ï»¿data: 1\n\n");
    expect(read([bytes]).events).toEqual([]);
    expect(read(cut(bytes, [1])).events).toEqual([]);
  });

  test("what was not ended is no event", () => {
    expect(readText("data: 1\n\ndata: 2\n")).toEqual([{ data: 1 }]);
  });
});
