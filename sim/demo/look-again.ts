import { Queue } from "bullmq";

/** Where the bot keeps what it looks at Arga for, and when (docs/operations.md, Redis). */
const QUEUE = { name: "arga", prefix: "arga:queue" };

/**
 * Has the bot look at Arga now, wherever it waits for its moment: that moment was of a time that passes at another
 * pace since. Nothing happens while Redis is away; the bot looks at everything once it is back.
 */
export async function lookAgain(redisUrl: string): Promise<void> {
  const connection = { url: redisUrl, retryStrategy: () => null, maxRetriesPerRequest: 0 };
  const queue = new Queue(QUEUE.name, { connection, prefix: QUEUE.prefix, skipVersionCheck: true });
  queue.on("error", () => {});
  try {
    await queue.promoteJobs();
  } catch {
    // Redis is away, as it may be told to be at the bench.
  } finally {
    await queue.close().catch(() => {});
  }
}
