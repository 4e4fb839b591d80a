import { afterAll, vi } from "vitest";

// Files share their process: whoever took the clock gives it back.
afterAll(() => void vi.useRealTimers());
