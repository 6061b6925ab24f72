import type { Value } from "../core/model/item.ts";
import type { Path } from "../language/source.ts";

/**
 * What a service is looked at with where something needed is missing or has the wrong shape, so that all else is still
 * looked at: by the path below the service, `*` for any step. What follows from the stand-in itself is not told.
 */
const standIns: Readonly<Record<string, Value>> = {
  url: "https://localhost/",
  "secrets.*": { env: "NONE" },
  "credentials.*": { in: "param", value: "" },
  "credentials.*.name": "none",
  "credentials.*.index": 0,
  "credentials.*.value": "",
  "credentials.*.user": "none",
  "credentials.*.password": "none",
  "session.login.*": { call: "none" },
  "session.login.*.call": "none",
  "session.login.*.save.*": ".",
  "session.refresh.*": { save: { none: "body:." }, on: "every" },
  "session.refresh.*.save": { none: "body:." },
  "session.refresh.*.save.*": "body:.",
  "session.refresh.*.on": "every",
  "session.logout.call": "none",
  "errors.*": { when: "false", class: "reject" },
  "errors.*.when": "false",
  "errors.*.class": "reject",
  "methods.*": { kind: "read" },
};

const patterns = Object.entries(standIns).map(([pattern, value]) => [pattern.split("."), value] as const);

/** @param path Where something is wrong. */
export function configStandIn([root, , ...below]: Path): Value | undefined {
  if (root !== "services") return undefined;
  return patterns.find(
    ([steps]) => steps.length === below.length && steps.every((step, at) => step === "*" || step === below[at]),
  )?.[1];
}
