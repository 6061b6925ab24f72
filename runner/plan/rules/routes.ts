import type { ListFacts, MethodFacts } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import type { Finding, Path } from "../../language/source.ts";
import type { RouteDocument } from "../document.ts";
import { readsIn } from "./calls.ts";
import { written, type Rule } from "./rule.ts";

/** Calls that are served where a device lives know which device, and have from it what the service fills in itself. */
export const routes: Rule = function* ({ document, catalogue, list }) {
  const { change, enumerate, undo, verify } = document;
  yield* routeFindings(["enumerate"], enumerate, { method: catalogue.method(enumerate.call), of: undefined });
  yield* routeFindings(["change"], change, { method: catalogue.method(change.call), of: list });
  if (undo?.call !== undefined)
    yield* routeFindings(["undo"], { ...undo, call: undo.call }, { method: catalogue.method(undo.call), of: list });
  for (const { path, document: read } of readsIn(document))
    yield* routeFindings(path, read, { method: catalogue.method(read.call), of: list });
  if (verify?.call !== undefined && catalogue.method(verify.call)?.isRouted) {
    const message = `${verify.call} is answered where a device lives: items can not be looked for there`;
    yield { path: ["verify", "call"], code: "not-yet", message };
  }
  for (const [name, { call, ...lookup }] of Object.entries(document.lookups ?? {})) {
    if (call === undefined) continue;
    yield* routeFindings(["lookups", name], { ...lookup, call }, { method: catalogue.method(call), of: undefined });
  }
};

interface RoutedCall {
  readonly call: string;
  readonly params?: Value;
  readonly route?: RouteDocument;
}

/** @param of The list whose items the call is about; undefined: it is about none. */
function* routeFindings(
  path: Path,
  { call, params = {}, route }: RoutedCall,
  { method, of }: { readonly method: MethodFacts | undefined; readonly of: ListFacts | undefined },
): Generator<Finding> {
  for (const { path: name, use } of method?.reserved ?? []) {
    if (written(params, name) === undefined) continue;
    const message = `${call}: the service fills in ${name} itself`;
    yield { path: [...path, "params", name], at: "key", code: "reserved-param", message, hint: `Use ${use}.` };
  }
  if (method?.isRouted && Array.isArray(params)) {
    const message = `${call} gets more params from Rollcall, and those are put in by name`;
    const hint = "Write the params by name: a map, not a list.";
    yield { path: [...path, "params"], code: "positional-params", message, hint };
  }
  if (route !== undefined && method?.isRouted !== true) {
    const message = `${call} goes to the service as a whole, not to one device`;
    yield { path: [...path, "route"], at: "key", code: "no-route", message, hint: "Take route out." };
  }
  if (route === undefined && method?.isRouted && of?.isOfDevices !== true) {
    const message = `${call} is answered where a device lives, and nothing says which device`;
    const hint = "Add route: { device: … } with the id of a device.";
    yield { path: [...path, "call"], code: "missing-route", message, hint };
  }
}
