import type { Seen } from "./outcome.ts";

/** How an item looks, in three bits; 0 stands for "not seen". */
export const seenCode: Readonly<Record<Seen, number>> = { after: 1, before: 2, other: 3, absent: 4 };

export const seenByCode: readonly (Seen | undefined)[] = [undefined, "after", "before", "other", "absent"];
