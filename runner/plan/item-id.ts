import { isExactInt } from "../core/model/exact.ts";
import { itemId, type ItemId, type Value } from "../core/model/item.ts";

/** The id of an item with that key, which is a text or a whole number. Undefined: it is neither, and no key. */
export function idOf(key: Value): ItemId | undefined {
  if (isExactInt(key)) return itemId(key.$int);
  if (typeof key === "string") return key === "" ? undefined : itemId(key);
  return typeof key === "number" && Number.isSafeInteger(key) ? itemId(String(key)) : undefined;
}
