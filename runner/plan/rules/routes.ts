import type { Catalogue } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import type { Finding, Path } from "../../language/source.ts";
import type { RouteDocument } from "../document.ts";
import { serves, type Purpose } from "../meant.ts";
import { readsIn } from "./calls.ts";
import { written, type Rule } from "./rule.ts";

/** Calls that are served where a device lives know which device, and have from it what the service fills in itself. */
export const routes: Rule = function* ({ document, catalogue, list }) {
  const { change, enumerate, undo, gate, lookups = {} } = document;
  const hasDevice = list && list.isOfDevices === true;
  yield* routeFindings(["enumerate"], enumerate, { catalogue, purpose: "list", hasDevice: false });
  yield* routeFindings(["change"], change, { catalogue, purpose: "change", hasDevice });
  if (undo?.call !== undefined)
    yield* routeFindings(["undo"], { ...undo, call: undo.call }, { catalogue, purpose: "change", hasDevice });
  for (const { path, document: read } of readsIn(document))
    yield* routeFindings(path, read, { catalogue, purpose: "read", hasDevice });
  if (gate !== undefined) yield* routeFindings(["gate"], gate, { catalogue, purpose: "read", hasDevice: false });
  for (const [name, { call, ...lookup }] of Object.entries(lookups)) {
    if (call === undefined) continue;
    yield* routeFindings(["lookups", name], { ...lookup, call }, { catalogue, purpose: "read", hasDevice: false });
  }
};

interface RoutedCall {
  readonly call: string;
  readonly params?: Value;
  readonly route?: RouteDocument;
}

interface Around {
  readonly catalogue: Catalogue;
  readonly purpose: Purpose;
  /** Whether the call is about an item that is a device; undefined: that is not known. */
  readonly hasDevice: boolean | undefined;
}

function* routeFindings(
  path: Path,
  { call, params = {}, route }: RoutedCall,
  { catalogue, purpose, hasDevice }: Around,
): Generator<Finding> {
  const method = catalogue.method(call);
  if (!serves(method, purpose)) return;
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
  if (route === undefined && method?.isRouted && hasDevice === false) {
    const message = `${call} is answered where a device lives, and nothing says which device`;
    const hint = "Add route: { device: … } with the id of a device.";
    yield { path: [...path, "call"], code: "missing-route", message, hint };
  }
}
