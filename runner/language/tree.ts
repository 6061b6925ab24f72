import type { Value } from "../core/model/item.ts";
import type { Path } from "./source.ts";
import { isObject } from "../core/model/object.ts";

/** A copy without the member at a path; for an element of a list, without the list: the others keep their places. */
export function without(value: Value, path: Path): Value {
  const last = path.at(-1);
  if (last === undefined) return value;
  const holder = path.slice(0, -1);
  if (typeof last === "number") return without(value, holder);
  return changed(value, holder, (map) =>
    isObject(map) ? Object.fromEntries(Object.entries(map).filter(([key]) => key !== last)) : map,
  );
}

/** A copy with something else at a path. */
export function put(value: Value, path: Path, instead: Value): Value {
  const last = path.at(-1);
  if (last === undefined) return instead;
  return changed(value, path.slice(0, -1), (holder) => {
    if (Array.isArray(holder))
      return (holder as readonly Value[]).map((one, place) => (place === last ? instead : one));
    return isObject(holder) ? Object.fromEntries([...Object.entries(holder), [String(last), instead]]) : holder;
  });
}

/** A copy in which what stands at a path is changed; as it is where nothing stands there. */
export function changed(value: Value, [step, ...rest]: Path, change: (found: Value) => Value): Value {
  if (step === undefined) return change(value);
  if (Array.isArray(value))
    return (value as readonly Value[]).map((one, place) => (place === step ? changed(one, rest, change) : one));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, key === step ? changed(member, rest, change) : member]),
  );
}

/** The path that a JSON pointer names. */
export function pathOf(pointer: string, value: Value): Path {
  const path: (string | number)[] = [];
  let node: Value = value;
  for (const step of pointer.split("/").slice(1).map(unescaped)) {
    path.push(Array.isArray(node) ? Number(step) : step);
    node = member(node, path.at(-1) ?? "");
  }
  return path;
}

function unescaped(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** What stands at a path; null where nothing does. */
export function valueAt(value: Value, path: Path): Value {
  return path.reduce<Value>(member, value);
}

function member(node: Value, step: string | number): Value {
  if (Array.isArray(node)) return (node as readonly Value[])[Number(step)] ?? null;
  return isObject(node) ? (node[String(step)] ?? null) : null;
}

/** A path as people write it: `guards.require[0].that`. */
export function dotted(path: Path): string {
  return path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    "",
  );
}
