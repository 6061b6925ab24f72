import type { Encoded, EncodingFault } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import { didYouMean } from "../../language/suggest.ts";
import { listsData, type MemberData } from "./data.ts";
import { tokensOf } from "./structs.ts";

/**
 * Params with the names of enums as the service takes them: `RoleId: Operator` goes as 4. All else stays as it is.
 * @param names What the params are called, where they are written in order.
 */
export function encode(params: Value, names: readonly string[]): Encoded {
  const faults: EncodingFault[] = [];
  if (Array.isArray(params)) {
    const inOrder = params as readonly Value[];
    const encoded = inOrder.map((value, place) =>
      encodedParam(value, { name: names[place] ?? "", path: [place], faults }),
    );
    return { params: encoded, faults };
  }
  if (!isMap(params)) return { params, faults };
  return { params: mapped(params, (name, value) => encodedParam(value, { name, path: [name], faults })), faults };
}

interface At {
  readonly path: readonly (string | number)[];
  readonly faults: EncodingFault[];
}

function encodedParam(value: Value, { name, path, faults }: At & { readonly name: string }): Value {
  const { params: structOf, structs } = listsData();
  const struct = Object.hasOwn(structOf, name) ? structs[structOf[name] ?? ""] : undefined;
  if (struct === undefined || !isMap(value)) return value;
  return mapped(value, (member, written) => {
    const facts = struct.find((one) => one.name === member);
    return facts?.enum === undefined ? written : onTheWire(written, facts, { path: [...path, member], faults });
  });
}

/** A name becomes its value on the wire; such a value itself, null and a reference to a secret stay. */
function onTheWire(written: Value, member: MemberData, { path, faults }: At): Value {
  if (written === null || typeof written === "object") return written;
  const tokens = Object.entries(tokensOf(member) ?? {});
  const text = String(written);
  const found = tokens.find(([, token]) => token === written) ?? tokens.find(([wire]) => wire === text);
  if (found !== undefined) return /^\d+$/.test(found[0]) ? Number(found[0]) : found[0];
  const names = tokens.map(([, token]) => token);
  const message = `${path.join(".")}: ${JSON.stringify(written)} is not one of its names`;
  faults.push({ path, message, hint: didYouMean(text, names) });
  return written;
}

type Members = Readonly<Record<string, Value>>;

function isMap(value: Value): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapped(map: Members, change: (name: string, value: Value) => Value): Members {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(name, value)]));
}
