/**
 * Loaded before the bot with `--import`: at each SIGUSR2 the clock of this one process jumps by CLOCK_JUMP_MS, and back at
 * the next. What was measured by a monotonic clock is right all the while, as it is when a real clock is set.
 */
const jump = Number(process.env.CLOCK_JUMP_MS ?? 0);
let ahead = 0;
const RealDate = Date;
const now = () => RealDate.now() + ahead;

globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, args, as) => Reflect.construct(target, args.length === 0 ? [now()] : args, as),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});

process.on("SIGUSR2", () => {
  ahead = ahead === 0 ? jump : 0;
});
