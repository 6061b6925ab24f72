import type { Value } from "../core/model/item.ts";
import type { Paging } from "../core/model/listing.ts";
import { parsePath, valueAt } from "../language/paths.ts";
import type { RecordType } from "../language/expression.ts";
import type { PageDocument } from "./document.ts";

/** Items in one call, where the plan does not say. */
export const usualSize = 500;

/** What `page` holds in params, by how the list comes. */
const members: Readonly<Record<PageDocument["by"], RecordType["members"]>> = {
  none: {},
  offset: { offset: "int", size: "int" },
  number: { number: "int", size: "int" },
  cursor: { cursor: "dyn", size: "int" },
  ids: { ids: "list" },
};

/** The type of `page` in params. Undefined: there is none. @param isTold How the list comes was written wrong, and told. */
export function pageType(page: PageDocument | undefined, isTold: boolean): RecordType | undefined {
  const known = isTold
    ? { ...members.offset, ...members.number, ...members.cursor, ...members.ids }
    : members[page?.by ?? "none"];
  return Object.keys(known).length === 0 ? undefined : { kind: "page", members: known };
}

/** How the provider asks for one page after another. A list that is asked for by ids comes in parts, each of one page. */
export function pagingOf(page: PageDocument | undefined): Paging {
  const { by = "none", size = usualSize } = page ?? {};
  switch (by) {
    case "none":
    case "ids":
      return { by: "none" };
    case "offset":
    case "number":
      return { by, size, start: page?.start ?? firstOf[by] };
    case "cursor":
      return { by, size, next: nextFrom(page?.next ?? ".") };
  }
}

const firstOf = { offset: 0, number: 1 };

/** Empty text and false say as well as null that there are no more: neither leads anywhere. */
function nextFrom(text: string): (answer: Value) => Value {
  const path = parsePath(text);
  if (path === undefined) return () => null;
  return (answer) => {
    const next = valueAt({ value: answer, around: [] }, path);
    return next === "" || next === false ? null : next;
  };
}
