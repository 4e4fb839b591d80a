import { crc32, deflateSync } from "node:zlib";
import type { Settings } from "../options.ts";
import { Refusal } from "../refusal.ts";
import type { Reply } from "../router.ts";

/**
 * Pictures of what a run saw. The docs name a route for them and no field that leads there, so that where they stand is our
 * guess, in three forms (docs/references/arga-api.md#artifacts).
 */

interface Pictured {
  /** The path below which they are. */
  at: string;
  /** How many steps were made; the last is the one that failed, if `failed`. */
  steps: number;
  failed: boolean;
}

const fileOf = (step: number): string => `step-${step}.png`;

const urlOf = ({ at }: Pictured, step: number, { artifactsBase }: Settings): string =>
  `${artifactsBase}${at}/artifacts/${fileOf(step)}`;

/** What the run itself has of them. */
export function artifactFields(run: Pictured, settings: Settings): Record<string, unknown> {
  const { artifacts } = settings.dialect;
  if (artifacts === "fields")
    return { screenshot_url: run.failed ? urlOf(run, run.steps, settings) : null, video_url: null };
  if (artifacts !== "list") return {};
  const steps = Array.from({ length: run.steps }, (_, index) => index + 1);
  return {
    artifacts: steps.map((step) => ({
      type: "screenshot",
      step,
      filename: fileOf(step),
      url: urlOf(run, step, settings),
    })),
  };
}

/** What stands beside the step that failed. */
export const stepFields = (run: Pictured, settings: Settings): Record<string, unknown> =>
  settings.dialect.artifacts === "steps" && run.failed
    ? { screenshot_url: urlOf(run, run.steps, settings) }
    : {};

/** One of them. @throws Refusal 404 */
export function artifactFile(name: string, { steps }: Pictured, { artifactBytes, dialect }: Settings): Reply {
  const step = Number(/^step-(\d+)\.png$/.exec(name)?.[1] ?? 0);
  if (dialect.artifacts === "none" || step < 1 || step > steps) throw new Refusal(404, "Artifact not found");
  const picture = pageWithError();
  // What comes after a picture's end is no part of it.
  const body = Buffer.concat([picture], Math.max(picture.length, artifactBytes));
  return { status: 200, body, headers: { "content-type": "image/png" } };
}

const SIZE = { width: 480, height: 270 };

type Colour = readonly [number, number, number];

/** A page, roughly: a bar, some lines, and a red box where the error would be. */
function pageWithError(): Buffer {
  const rows: Buffer[] = [];
  for (let y = 0; y < SIZE.height; y++) {
    const row = Buffer.alloc(1 + SIZE.width * 3);
    for (let x = 0; x < SIZE.width; x++) row.set(colourAt(x, y), 1 + x * 3);
    rows.push(row);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIZE.width, 0);
  header.writeUInt32BE(SIZE.height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function colourAt(x: number, y: number): Colour {
  const isIn = (left: number, top: number, right: number, bottom: number): boolean =>
    x >= left && x < right && y >= top && y < bottom;
  if (isIn(0, 0, SIZE.width, 28)) return [59, 29, 74];
  if (isIn(40, 60, 440, 104)) return [209, 38, 75];
  if (isIn(40, 124, 320, 136) || isIn(40, 148, 400, 160) || isIn(40, 172, 260, 184)) return [220, 216, 224];
  if (isIn(40, 212, 140, 240)) return [0, 122, 90];
  return [255, 255, 255];
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
