import type { Interface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { type Ink, inkFor } from "./ink.ts";

const WIDEST = 100;
const MARGIN = "       ";
const START_OF_LINE = "\r\u001b[K";

/** Everything the demo writes: a column of times, beside it what happens. */
export class Screen {
  readonly ink: Ink;
  readonly #out: NodeJS.WriteStream;
  readonly #begun = Date.now();
  #status = "";
  #prompt: Interface | undefined;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.ink = inkFor(out);
  }

  say(...lines: string[]): void {
    this.#write(lines.flatMap((line) => wrap(line, this.#width)));
  }

  /** Something that happens now, with what there is to see of it. */
  event(title: string, body: readonly string[] = []): void {
    const time = this.ink.dim(this.#time().padStart(5));
    this.#write(["", `${time}  ${title}`, ...body.map((line) => MARGIN + line)]);
  }

  /** The characters that a line of an event's body may have. */
  get room(): number {
    return this.#width - MARGIN.length;
  }

  /** The last line, written over and over; a terminal alone has one. */
  status(text: string): void {
    if (!this.#out.isTTY) return;
    this.#status = text === "" ? "" : this.ink.dim(`${MARGIN}${text}`);
    this.#out.write(START_OF_LINE + this.#status);
  }

  /** What a person is typing is put below whatever is written meanwhile. */
  keepBelow(prompt: Interface): void {
    this.#prompt = prompt;
  }

  get #width(): number {
    return Math.max(40, Math.min(this.#out.columns || WIDEST, WIDEST));
  }

  #time(): string {
    const seconds = Math.floor((Date.now() - this.#begun) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  #write(lines: readonly string[]): void {
    const isOccupied = this.#status !== "" || this.#prompt !== undefined;
    this.#out.write(`${isOccupied ? START_OF_LINE : ""}${lines.join("\n")}\n`);
    if (this.#prompt) this.#prompt.prompt(true);
    else if (this.#status !== "") this.#out.write(this.#status);
  }
}

/** Keeps words together on one line. */
export const unbroken = (text: string): string => text.replaceAll(" ", "\u00a0");

/** Breaks a line between words; colours take no room. */
export function wrap(line: string, room: number): string[] {
  const lines: string[] = [""];
  for (const word of line.split(/(?<= )/)) {
    const last = lines.at(-1) ?? "";
    const isFull = last.trim() !== "" && widthOf(last + word.trimEnd()) > room;
    if (isFull) lines.push(word);
    else lines[lines.length - 1] = last + word;
  }
  return lines.map((one, i) => (i === 0 ? one : one.trimStart()).trimEnd().replaceAll("\u00a0", " "));
}

const widthOf = (text: string): number => stripVTControlCharacters(text).length;
