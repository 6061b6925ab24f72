import type { Encoded, EncodingFault, ParamFacts } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import { didYouMean } from "../../language/suggest.ts";
import { listsData } from "./data.ts";
import { kindFaults } from "./kinds.ts";
import { tokensOf } from "./structs.ts";
import { shapeOf } from "./types.ts";
import { isObject } from "../../core/model/object.ts";

/**
 * Params with the names of enums as the service takes them, in what lists hold too: `RoleId: Operator` goes as 4. All else
 * stays as it is; what is of a kind that its parameter can not take is told.
 * @param facts What the call takes, in order.
 */
export function encode(params: Value, facts: readonly ParamFacts[]): Encoded {
  const faults: EncodingFault[] = [];
  if (Array.isArray(params)) {
    const inOrder = params as readonly Value[];
    const encoded = inOrder.map((value, place) =>
      encodedParam(value, { type: facts[place]?.type, path: [place], faults }),
    );
    return { params: encoded, faults };
  }
  if (!isObject(params)) return { params, faults };
  const typeOf = (name: string): string | undefined => facts.find((one) => one.name === name)?.type;
  const encoded = mapped(params, (name, value) => encodedParam(value, { type: typeOf(name), path: [name], faults }));
  return { params: encoded, faults };
}

interface At {
  readonly path: readonly (string | number)[];
  readonly faults: EncodingFault[];
}

function encodedParam(value: Value, { type = "any", path, faults }: At & { readonly type: string | undefined }): Value {
  const shape = shapeOf(type);
  faults.push(...kindFaults(value, shape, path));
  if (shape.kind !== "object" || !isObject(value)) return value;
  const hasTokens = listsData().lists.some(({ struct }) => struct === type);
  return mapped(value, (member, written) => {
    const at = [...path, member];
    const { type: own } = shape.members.find(({ name }) => name === member) ?? {};
    const tokens = own === undefined || !hasTokens ? undefined : tokensOf(own);
    if (tokens !== undefined && typeof written !== "object") return onTheWire(written, tokens, { path: at, faults });
    // What lies deeper is most often written back as it was read: the service knows best what that is.
    if (own !== undefined) faults.push(...kindFaults(written, shapeOf(own), at));
    return written;
  });
}

/** A name becomes its value on the wire; such a value itself, null and a reference to a secret stay. */
function onTheWire(written: Value, names: Readonly<Record<string, string>>, { path, faults }: At): Value {
  if (written === null || typeof written === "object") return written;
  const tokens = Object.entries(names);
  const text = String(written);
  const found = tokens.find(([, token]) => token === written) ?? tokens.find(([wire]) => wire === text);
  if (found !== undefined) return /^\d+$/.test(found[0]) ? Number(found[0]) : found[0];
  const message = `${path.join(".")}: ${JSON.stringify(written)} is not one of its names`;
  faults.push({ path, message, hint: didYouMean(text, Object.values(names)) });
  return written;
}

type Members = Readonly<Record<string, Value>>;

function mapped(map: Members, change: (name: string, value: Value) => Value): Members {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(name, value)]));
}
