import type { IncomingMessage } from "node:http";
import type { RunId } from "../core/model/item.ts";
import { isRunId } from "../runs/run-id.ts";

/** What a request is about. Nothing of an address becomes a path on the disk: an id is looked up among the runs that there are. */
export type Route =
  | { readonly kind: "list"; readonly after: RunId | undefined }
  | { readonly kind: "list-events" }
  | { readonly kind: "run"; readonly run: RunId }
  | { readonly kind: "run-events"; readonly run: RunId; readonly heard: number | undefined }
  | { readonly kind: "control"; readonly run: RunId };

/** Undefined: there is no such page, for this method. */
export function routeOf(method: string, { pathname, searchParams }: URL): Route | undefined {
  const [, id = "", rest = ""] = /^\/runs\/([^/]+)(?:\/(events|control))?$/.exec(pathname) ?? [];
  if (method === "POST") return rest === "control" && isRunId(id) ? { kind: "control", run: id } : undefined;
  if (pathname === "/") return listRoute(searchParams.get("after") ?? "");
  if (pathname === "/events") return { kind: "list-events" };
  if (!isRunId(id) || rest === "control") return undefined;
  return rest === "events"
    ? { kind: "run-events", run: id, heard: numberIn(searchParams.get("heard")) }
    : { kind: "run", run: id };
}

/** What a browser that comes again says of the last event it has got; undefined: nothing. */
export function heardBefore(request: IncomingMessage): number | undefined {
  const told = request.headers["last-event-id"];
  return typeof told === "string" ? numberIn(told) : undefined;
}

function listRoute(after: string): Route | undefined {
  if (after === "") return { kind: "list", after: undefined };
  return isRunId(after) ? { kind: "list", after } : undefined;
}

function numberIn(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
