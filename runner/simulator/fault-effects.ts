import type { RpcId } from "./envelope.ts";
import type { FaultKind, FaultRule } from "./faults.ts";
import type { Reply } from "./line.ts";
import type { Bend } from "./world.ts";

/** Does this fault decide what the client hears? The others can strike beside it; of these only the first does. */
export function decidesAnswer(rule: FaultRule): boolean {
  return !besides.has(rule.fault);
}

/** Does it strike after the change was applied, rather than instead of it? */
export function strikesAfter(rule: FaultRule): boolean {
  return rule.when === undefined ? applied.has(rule.fault) : rule.when === "after";
}

/** What the faults do to the page of a list. */
export function bendOf(rules: readonly FaultRule[]): Bend {
  const of = (kind: FaultKind) => rules.find((rule) => rule.fault === kind);
  const [stale, cap, drop, elsewhere] = [of("stale"), of("cap"), of("drop-row"), of("node-elsewhere")];
  return {
    ...(stale?.ms === undefined ? {} : { staleMs: stale.ms }),
    ...(cap?.rows === undefined ? {} : { cap: cap.rows }),
    ...(drop === undefined ? {} : { drop: { device: drop.device, row: drop.row ?? 0 } }),
    ...(elsewhere === undefined ? {} : { nodeHost: elsewhere.host ?? nobodyListens }),
    firstPage: of("repeat-first-page") !== undefined,
    emptyPage: of("empty-page") !== undefined,
  };
}

/** Milliseconds that `slow` adds before the change is applied, or after it. */
export function slowness(rules: readonly FaultRule[], when: "before" | "after"): number {
  return rules
    .filter((rule) => rule.fault === "slow" && (rule.when ?? "before") === when)
    .reduce((sum, rule) => sum + (rule.ms ?? 0), 0);
}

/** An answer that is no use to the client, made of the right one where there is anything left of it. */
export function spoil(rule: FaultRule, id: RpcId, body: string): Reply {
  const status = Number(/^http-(\d+)$/.exec(rule.fault)?.[1] ?? 200);
  const { retryAfter } = rule;
  switch (rule.fault) {
    case "truncated":
      return { status, type: json, body: body.slice(0, Math.floor(body.length / 2)) };
    case "malformed":
      return { status, type: json, body: `{"id":${JSON.stringify(id)},"jsonrpc":"2.0","result":}` };
    case "wrong-id":
      return { status, type: json, body: JSON.stringify({ ...(JSON.parse(body) as object), id: `not ${String(id)}` }) };
    default:
      return { status, type: "text/html", body: page, retryAfter };
  }
}

const besides: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "slow",
  "visa-expire",
  "vanish",
  "editor",
  "repeat-first-page",
  "cap",
  "drop-row",
  "empty-page",
  "stale",
  "token-stale",
  "node-elsewhere",
]);

/** The change is applied first, unless the rule says otherwise. */
const applied: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "reset-after",
  "hang-after",
  "truncated",
  "malformed",
  "html",
  "wrong-id",
  "error-after-apply",
]);

/** A port that no service of this machine may have unless it is root's. */
const nobodyListens = "127.0.0.1:1";

const json = "application/json";
const page = "<html><head><title>Something went wrong</title></head><body><h1>Something went wrong</h1></body></html>";
