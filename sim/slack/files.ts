import type { Ids } from "./ids.ts";

/** A file of the workspace: announced, then uploaded, then shared. */
export interface SlackFile {
  readonly id: string;
  /** The last part of the address that takes its bytes; whoever has it needs no token. */
  readonly secret: string;
  readonly name: string;
  /** In bytes, as it was announced. */
  readonly size: number;
  title: string;
  bytes?: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  mp4: "video/mp4",
  webm: "video/webm",
};

/** By its name, as Slack guesses too. */
export const typeOf = ({ name }: Pick<SlackFile, "name">): string =>
  TYPES[name.split(".").at(-1)?.toLowerCase() ?? ""] ?? "application/octet-stream";

/** Every file of the workspace. */
export class Files {
  readonly #ids: Ids;
  readonly #all = new Map<string, SlackFile>();

  constructor(ids: Ids) {
    this.#ids = ids;
  }

  announce(name: string, size: number): SlackFile {
    const file = { id: this.#ids.next("F"), secret: this.#ids.secret(), name, size, title: name };
    this.#all.set(file.id, file);
    return file;
  }

  find(id: string): SlackFile | undefined {
    return this.#all.get(id);
  }

  all(): SlackFile[] {
    return [...this.#all.values()];
  }

  /** Takes what was sent to an upload address: `undefined` where nobody announced it or it has another length. */
  upload(secret: string, bytes: Buffer): SlackFile | undefined {
    const file = this.all().find((one) => one.secret === secret);
    if (file === undefined || bytes.length !== file.size) return undefined;
    file.bytes = bytes;
    return file;
  }
}

/** The one part of a multipart body, or the body itself: Slack takes both. */
export function uploaded(bytes: Buffer, contentType: string): Buffer {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) return bytes;
  const begin = bytes.indexOf("\r\n\r\n");
  const end = bytes.indexOf(`\r\n--${boundary}`, begin + 4);
  return begin < 0 || end < 0 ? Buffer.alloc(0) : bytes.subarray(begin + 4, end);
}
