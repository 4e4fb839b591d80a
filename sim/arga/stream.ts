/** One piece of a server-sent event stream. */
export interface Frame {
  id?: string;
  event?: string;
  /** Sent as JSON. */
  data?: unknown;
  retry?: number;
  comment?: string;
}

/** What goes wrong with a stream, as soon as `afterEvents` events (default 0) have passed unharmed. */
export interface StreamFault {
  afterEvents?: number;
  kind: Ending | Insertion | Lasting;
}

/**
 * The stream is over then: `cut`: the connection is reset; `cut-line` and `cut-character`: so too, but after half
 * of a line, or in the middle of a character of several bytes; `end`: a clean end, whatever the run does;
 * `silence`: nothing more comes, heartbeats neither.
 */
type Ending = "cut" | "cut-line" | "cut-character" | "end" | "silence";

/** It goes on after one event whose data is not JSON, or one of over 2 MB. */
type Insertion = "garbage" | "huge";

/** From then on lines end with CRLF; every byte is a chunk of its own; data is JSON over many lines. */
type Lasting = "crlf" | "bytes" | "multiline";

export const streamFaultKinds = [
  ...(["cut", "cut-line", "cut-character", "end", "silence"] satisfies Ending[]),
  ...(["garbage", "huge"] satisfies Insertion[]),
  ...(["crlf", "bytes", "multiline"] satisfies Lasting[]),
] as const;

/** What the wire has to do next: write these bytes, reset the connection, or keep it and say nothing more. */
export type Piece = Buffer | "cut" | "silence";

const HUGE_BYTES = 2_100_000;

/** The frames as bytes, harmed as the fault says. */
export async function* pieces(
  frames: AsyncIterable<Frame>,
  fault: StreamFault | undefined,
): AsyncGenerator<Piece> {
  const limit = fault?.afterEvents ?? 0;
  if (limit === 0) yield* struck(fault);
  if (limit === 0 && isOver(fault)) return;
  let events = 0;
  for await (const frame of frames) {
    yield* encoded(frame, events >= limit ? fault?.kind : undefined);
    if (frame.data === undefined) continue;
    events += 1;
    if (events !== limit) continue;
    yield* struck(fault);
    if (isOver(fault)) return;
  }
}

function isOver(fault: StreamFault | undefined): boolean {
  return fault !== undefined && ["cut", "cut-line", "cut-character", "end", "silence"].includes(fault.kind);
}

/** What comes in between, or last of all. */
function* struck(fault: StreamFault | undefined): Generator<Piece> {
  const kind = fault?.kind;
  if (kind === "garbage") yield Buffer.from("event: step\ndata: {not json at all\n\n");
  if (kind === "huge") yield Buffer.from(`event: log\ndata: {"message":"${"x".repeat(HUGE_BYTES)}"}\n\n`);
  if (kind === "cut-line") yield Buffer.from('event: step\ndata: {"step":"half of a li');
  // Two of the three bytes of a check mark, as the last thing that is heard.
  if (kind === "cut-character") yield Buffer.from('event: step\ndata: {"detail":"✓').subarray(0, -1);
  if (kind === "silence") yield "silence";
  if (kind === "cut" || kind === "cut-line" || kind === "cut-character") yield "cut";
}

function* encoded(frame: Frame, kind: StreamFault["kind"] | undefined): Generator<Piece> {
  if (kind === "crlf") yield Buffer.from(textOf(frame).replaceAll("\n", "\r\n"));
  else if (kind === "multiline") yield Buffer.from(textOf(frame, 2));
  else if (kind === "bytes") for (const byte of Buffer.from(textOf(frame))) yield Buffer.from([byte]);
  else yield Buffer.from(textOf(frame));
}

/** The frame in the format of server-sent events, with its blank line. */
function textOf(frame: Frame, indent?: number): string {
  const lines: string[] = [];
  if (frame.comment !== undefined) lines.push(`: ${frame.comment}`);
  if (frame.retry !== undefined) lines.push(`retry: ${frame.retry}`);
  if (frame.id !== undefined) lines.push(`id: ${frame.id}`);
  if (frame.event !== undefined) lines.push(`event: ${frame.event}`);
  if (frame.data !== undefined) {
    const json = JSON.stringify(frame.data, null, indent);
    lines.push(...json.split("\n").map((line) => `data: ${line}`));
  }
  return `${lines.join("\n")}\n\n`;
}
