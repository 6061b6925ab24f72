import type { Try } from "./post.ts";

/** How long one notice is worth trying. */
export interface Patience {
  readonly tries: number;
  /** From the first try on. */
  readonly forMs: number;
  /** Before the second try; twice as long before each that follows. */
  readonly firstWaitMs: number;
}

export const usualPatience: Patience = { tries: 6, forMs: 60_000, firstWaitMs: 1000 };

const longestWaitMs = 16_000;

type Next =
  | { readonly kind: "told" }
  | { readonly kind: "again"; readonly waitMs: number; readonly why: string }
  | { readonly kind: "given-up"; readonly why: string };

/**
 * What follows a try. Nothing is lost by telling twice, since every notice has an id: whatever may pass is tried again.
 * @param past How often it was tried by now, for how long, and chance (0 <= random < 1).
 */
export function afterTry(
  found: Try,
  { tries, lastedMs, random }: { readonly tries: number; readonly lastedMs: number; readonly random: number },
  patience: Patience = usualPatience,
): Next {
  if (found.kind === "answered" && found.status >= 200 && found.status < 300) return { kind: "told" };
  const why = whyOf(found);
  if (found.kind === "answered" && !mayPass(found.status)) return { kind: "given-up", why };
  const doubled = Math.min(longestWaitMs, patience.firstWaitMs * 2 ** (tries - 1));
  const asked = found.kind === "answered" ? (found.retryAfterMs ?? 0) : 0;
  // Many runs may have begun at the same moment: each waits for a time of its own.
  const waitMs = Math.max(asked, doubled * (0.5 + random / 2));
  if (tries >= patience.tries || lastedMs + waitMs > patience.forMs) return { kind: "given-up", why };
  return { kind: "again", waitMs, why };
}

function mayPass(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

function whyOf(found: Try): string {
  if (found.kind === "failed") return found.why;
  const { status } = found;
  return status >= 300 && status < 400 ? `HTTP ${status}, and redirects are not followed` : `HTTP ${status}`;
}
