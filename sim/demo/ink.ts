import type { WriteStream } from "node:tty";

type Paint = (text: string) => string;

/** The few ways in which the demo sets words apart; all of them leave text as it is where colours are not welcome. */
export interface Ink {
  bold: Paint;
  dim: Paint;
  /** What a person does. */
  person: Paint;
  /** What the bot does. */
  bot: Paint;
  /** What one person alone sees. */
  alone: Paint;
  code: Paint;
  link: Paint;
  good: Paint;
  danger: Paint;
}

const CODES: Record<keyof Ink, readonly [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  person: [36, 39],
  bot: [35, 39],
  alone: [33, 39],
  code: [33, 39],
  link: [34, 39],
  good: [32, 39],
  danger: [31, 39],
};

/** Colours on a terminal that has them; Node's own judgement honours NO_COLOR, TERM=dumb and the like. */
export function inkFor(out: NodeJS.WriteStream): Ink {
  const terminal = out as WriteStream;
  const isColourful = terminal.isTTY && terminal.hasColors();
  const paint = ([on, off]: readonly [number, number]): Paint =>
    isColourful ? (text) => `\u001b[${on}m${text}\u001b[${off}m` : (text) => text;
  return {
    bold: paint(CODES.bold),
    dim: paint(CODES.dim),
    person: paint(CODES.person),
    bot: paint(CODES.bot),
    alone: paint(CODES.alone),
    code: paint(CODES.code),
    link: paint(CODES.link),
    good: paint(CODES.good),
    danger: paint(CODES.danger),
  };
}
