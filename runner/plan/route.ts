import type { Route } from "../core/model/change.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import type { CelMap } from "../language/cel.ts";
import type { Template } from "../language/template.ts";

/** Which device's node a call goes to, of what a plan wrote under `route`. @throws {ExpressionError} it names no device. */
export function routeFrom(template: Template, names: CelMap): Route {
  const route = template.render(names);
  const device = typeof route === "object" && route !== null && "device" in route ? route.device : null;
  const text = typeof device === "number" || typeof device === "string" ? String(device) : "";
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return { device: text };
  const hint = "Write the id of a device: ${{ item.device_id }}.";
  throw new ExpressionError(`route.device is ${JSON.stringify(device)}, which is no id of a device`, hint);
}
