/** One piece of a server-sent event stream. */
export interface Frame {
  id?: string;
  event?: string;
  /** Sent as JSON. */
  data?: unknown;
  retry?: number;
  comment?: string;
}

/** What goes wrong with a stream, once `afterEvents` events (default 0) have passed unharmed. */
export interface StreamFault {
  afterEvents?: number;
  /**
   * `cut`: the connection is reset; `cut-line` and `cut-character`: so too, but after half of a line, or in the
   * middle of a character of several bytes; `end`: a clean end before the run is over; `silence`: nothing more
   * comes, heartbeats neither; `garbage`: one event whose data is not JSON; `huge`: one event of over 2 MB;
   * `crlf`: lines end with CRLF; `bytes`: every byte in a chunk of its own; `multiline`: data in indented JSON,
   * so over many lines. After `garbage` and `huge` it goes on as usual.
   */
  kind:
    | "cut"
    | "cut-line"
    | "cut-character"
    | "end"
    | "silence"
    | "garbage"
    | "huge"
    | "crlf"
    | "bytes"
    | "multiline";
}

/** What the wire has to do next: write these bytes, or end in one of three ways. */
export type Piece = Buffer | "cut" | "silence";

const HUGE_BYTES = 2_100_000;

/** The frames as bytes, harmed as the fault says. */
export async function* pieces(
  frames: AsyncIterable<Frame>,
  fault: StreamFault | undefined,
): AsyncGenerator<Piece> {
  let events = 0;
  for await (const frame of frames) {
    const struck = fault && events >= (fault.afterEvents ?? 0) ? fault.kind : undefined;
    if (frame.data !== undefined) events += 1;
    if (struck === "end") return;
    if (isLasting(struck)) yield* harmed(frame, struck);
    else if (frame.data !== undefined && struck !== undefined) {
      yield* broken(frame, struck, events === (fault?.afterEvents ?? 0) + 1);
    } else yield Buffer.from(text(frame));
  }
}

type Kind = StreamFault["kind"];

const LASTING = ["crlf", "bytes", "multiline"] as const;
type Lasting = (typeof LASTING)[number];

const isLasting = (kind: Kind | undefined): kind is Lasting => LASTING.some((lasting) => lasting === kind);

function* harmed(frame: Frame, kind: Lasting): Generator<Piece> {
  if (kind === "crlf") yield Buffer.from(text(frame).replaceAll("\n", "\r\n"));
  else if (kind === "multiline") yield Buffer.from(text(frame, 2));
  else for (const byte of Buffer.from(text(frame))) yield Buffer.from([byte]);
}

// The first event that is struck; for the kinds that end the stream there is no second one.
function* broken(frame: Frame, kind: Exclude<Kind, Lasting>, first: boolean): Generator<Piece> {
  if (kind === "garbage" || kind === "huge") {
    if (first) yield Buffer.from(kind === "huge" ? hugeEvent() : "event: step\ndata: {not json at all\n\n");
    yield Buffer.from(text(frame));
    return;
  }
  const bytes = Buffer.from(text(frame));
  if (kind === "cut-line") yield bytes.subarray(0, Math.floor(bytes.length / 2));
  // Two of the three bytes of a check mark, as the last thing that is heard.
  if (kind === "cut-character") yield Buffer.concat([Buffer.from('data: {"detail":"'), CHECK.subarray(0, 2)]);
  yield kind === "silence" ? "silence" : "cut";
}

const CHECK = Buffer.from("✓");

const hugeEvent = (): string => `event: log\ndata: ${JSON.stringify({ message: "x".repeat(HUGE_BYTES) })}\n\n`;

/** The frame in the format of server-sent events, with its blank line. */
function text(frame: Frame, indent?: number): string {
  const lines: string[] = [];
  if (frame.comment !== undefined) lines.push(`: ${frame.comment}`);
  if (frame.retry !== undefined) lines.push(`retry: ${frame.retry}`);
  if (frame.id !== undefined) lines.push(`id: ${frame.id}`);
  if (frame.event !== undefined) lines.push(`event: ${frame.event}`);
  if (frame.data !== undefined) {
    lines.push(
      ...JSON.stringify(frame.data, null, indent)
        .split("\n")
        .map((line) => `data: ${line}`),
    );
  }
  return `${lines.join("\n")}\n\n`;
}
