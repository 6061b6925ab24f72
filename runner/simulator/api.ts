import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, errorCode, errorData, tokenError, visaError } from "./api-error.ts";
import { upNow } from "./clock.ts";
import { errorBody, resultBody } from "./envelope.ts";
import type { MethodResult, RpcId } from "./envelope.ts";
import { FaultBook } from "./fault-book.ts";
import { bendOf, decidesAnswer, slowness, spoil, strikesAfter } from "./fault-effects.ts";
import type { FaultRule } from "./faults.ts";
import type { Line } from "./line.ts";
import { itemOf } from "./item-of.ts";
import { editItem, removeItem } from "./items.ts";
import type { ItemValues } from "./items.ts";
import { isLetIn } from "./node-scope.ts";
import { isMethodName, isOfNodes } from "./method-names.ts";
import type { MethodName } from "./method-names.ts";
import { runMethod } from "./methods.ts";
import { isMembers } from "./params.ts";
import { readRequest } from "./request.ts";
import type { RpcRequest } from "./request.ts";
import type { Visas } from "./visas.ts";
import type { GrowingEntry, Witness } from "./witness.ts";
import type { World } from "./world.ts";

export interface ApiParts {
  readonly world: World;
  readonly visas: Visas;
  readonly witness: Witness;
  /** Half of it passes before a method runs, half after. */
  readonly latencyMs: number;
  /** Aborted when the simulator closes: whatever still waits then never happens. */
  readonly closing: AbortSignal;
}

/** Where a request came in: each serves its own methods. */
export type Door = "management" | "node";

/** One request under way. */
interface Exchange {
  readonly request: RpcRequest & { readonly method: MethodName };
  readonly entry: GrowingEntry;
  readonly line: Line;
  readonly struck: readonly FaultRule[];
}

/** What a method came to. */
type Outcome = { readonly result: MethodResult } | { readonly error: ApiError };

/** The JSON-RPC endpoint: authentication, methods, faults, visa rotation, and the witness told of it all. */
export class Api {
  readonly #parts: ApiParts;
  #faults = new FaultBook([], 0);

  constructor(parts: ApiParts) {
    this.#parts = parts;
  }

  /** New rules, with counts from zero. */
  setFaults(rules: readonly FaultRule[]): void {
    this.#faults = new FaultBook(rules, this.#parts.world.fleet.seed);
  }

  /** Serve one request. What it asks for is done even if the client has gone meanwhile. */
  async serve(
    { body, authorization, door }: { body: string; authorization: string | undefined; door: Door },
    line: Line,
  ): Promise<void> {
    try {
      await this.#answer(readRequest(body, authorization), line, door);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const unreadable = { rpcId: null, method: "(unreadable)", item: undefined, authenticated: false };
      const entry = this.#parts.witness.arrived(unreadable, line);
      this.#refuse({ request: { id: null }, entry, line }, error);
    }
  }

  async #answer(request: RpcRequest, line: Line, door: Door): Promise<void> {
    const { world, visas, witness } = this.#parts;
    const { id: rpcId, method, visa, params } = request;
    const item = itemOf(world, method, params);
    const welcome = door === "node" ? isLetIn(world, params) : visas.accepts(visa);
    if (!isMethodName(method) || isOfNodes(method) !== (door === "node")) {
      const error = new ApiError(errorCode.methodNotFound, `Method '${method}' isn't found`, errorCode.methodNotFound);
      const entry = witness.arrived({ rpcId, method, item, authenticated: welcome }, line);
      this.#refuse({ request, line, entry }, error);
      return;
    }
    const isLogin = method === "Login";
    const struck = welcome || isLogin ? this.#faults.strike(method, item) : [];
    const isRefused = door === "node" ? this.#changeToken(struck, item) : this.#expire(struck, visa);
    const authenticated = welcome && !isLogin && !isRefused;
    const entry = witness.arrived({ rpcId, method, item, authenticated }, line);
    if (struck.length > 0) entry.fault = struck.map(({ fault }) => fault).join("+");
    if (!authenticated && !isLogin) {
      this.#refuse({ request, entry, line }, door === "node" ? tokenError() : visaError());
      return;
    }
    await this.#act({ request: { ...request, method }, entry, line, struck });
  }

  /** A visa that dies of a fault is as good as none: the request never reaches its method. */
  #expire(struck: readonly FaultRule[], visa: string | null): boolean {
    const rule = struck.find(({ fault }) => fault === "visa-expire");
    if (rule === undefined || visa === null) return false;
    if (rule.chain) this.#parts.visas.revokeAll();
    else this.#parts.visas.revoke(visa);
    return true;
  }

  /** A token that has just gone stale opens nothing. */
  #changeToken(struck: readonly FaultRule[], item: ReturnType<typeof itemOf>): boolean {
    if (typeof item !== "number" || !struck.some(({ fault }) => fault === "token-stale")) return false;
    this.#parts.world.tokens.change(item);
    return true;
  }

  async #act(exchange: Exchange): Promise<void> {
    const { struck } = exchange;
    const half = this.#parts.latencyMs / 2;
    await this.#pause(half);
    for (const rule of struck) this.#disturb(exchange, rule, "before");
    await this.#pause(slowness(struck, "before"));
    const fault = struck.find(decidesAnswer);
    const outcome = fault === undefined || strikesAfter(fault) ? this.#perform(exchange) : { result: null };
    for (const rule of struck) this.#disturb(exchange, rule, "after");
    await this.#pause(half + slowness(struck, "after"));
    if (fault === undefined) this.#send(exchange, outcome);
    else this.#strike(exchange, fault, outcome);
  }

  /** Run the method, and tell the witness what came of it. */
  #perform({ request, entry, struck }: Exchange): Outcome {
    const { world, witness } = this.#parts;
    try {
      const done = runMethod(request.method, world, request.params, bendOf(struck));
      if (done.effect !== undefined) witness.took(entry, done.effect);
      if (done.effects !== undefined) witness.tookAll(entry, done.effects);
      if (done.asOf !== undefined) entry.asOf = done.asOf;
      if (done.hidden !== undefined) entry.hidden = done.hidden;
      if (request.method === "Login") entry.authenticated = true;
      return { result: done.result };
    } catch (error) {
      if (error instanceof ApiError) return { error };
      throw error;
    }
  }

  /** What others do to devices, partners and users while a request is under way. */
  #disturb(exchange: Exchange, rule: FaultRule, when: "before" | "after"): void {
    if (rule.fault === "vanish" && when === "before") {
      const device = rule.device ?? firstOf(exchange.entry.item) ?? this.#rowBefore(exchange);
      const effect = device === undefined ? undefined : removeItem(this.#parts.world, device);
      if (effect !== undefined) this.#parts.witness.edited("remove", effect);
    }
    if (rule.fault === "editor" && when === (rule.when ?? "before")) {
      this.#edit(rule.device ?? firstOf(exchange.entry.item), rule.set ?? {});
    }
  }

  #edit(item: number | undefined, values: ItemValues): void {
    const effect = item === undefined ? undefined : editItem(this.#parts.world, item, values);
    if (effect !== undefined) this.#parts.witness.edited("edit", effect);
  }

  /** The last row of the page before the one that a list asks for: without it, all rows of this page move up. */
  #rowBefore({ request }: Exchange): number | undefined {
    const { query } = request.params;
    if (!isMembers(query) || typeof query.StartRecordNumber !== "number" || query.StartRecordNumber < 1)
      return undefined;
    const row = { ...query, StartRecordNumber: query.StartRecordNumber - 1, RecordsCount: 1, Totals: null };
    const done = runMethod("EnumerateAccountStatistics", this.#parts.world, { query: row }, {});
    return (done.result?.result as { AccountId: number }[])[0]?.AccountId;
  }

  /** The faults that decide what the client hears, if anything, of a method that was run or passed over. */
  #strike(exchange: Exchange, rule: FaultRule, outcome: Outcome): void {
    const { line, entry } = exchange;
    switch (rule.fault) {
      case "reset-before":
      case "reset-after":
        line.cut();
        return;
      case "hang":
      case "hang-after":
        return;
      case "late":
        if (rule.connection !== "hang") line.cut();
        line.onceLeft(() => this.#performLater(exchange, rule.ms ?? 0));
        return;
      case "error":
      case "error-after-apply":
        this.#send(exchange, {
          error: new ApiError(rule.data ?? errorData.generic, rule.message ?? "Operation failed"),
        });
        return;
      case "no-effect":
        this.#send(exchange, outcome);
        return;
      default:
        if (line.open) entry.answered = upNow();
        line.send(spoil(rule, exchange.request.id, this.#bodyOf(exchange, outcome)));
    }
  }

  #performLater(exchange: Exchange, ms: number): void {
    const closed = () => undefined; // nothing else can interrupt a pause
    this.#pause(ms).then(() => this.#perform(exchange), closed);
  }

  #send(exchange: Exchange, outcome: Outcome): void {
    if ("error" in outcome) this.#refuse(exchange, outcome.error);
    else this.#reply(exchange, { answer: "result" }, this.#bodyOf(exchange, outcome));
  }

  #refuse(exchange: Pick<Exchange, "entry" | "line"> & { request: { id: RpcId } }, error: ApiError): void {
    this.#reply(exchange, { answer: "error", errorData: error.data }, this.#bodyOf(exchange, { error }));
  }

  #reply({ entry, line }: Pick<Exchange, "entry" | "line">, said: Partial<GrowingEntry>, body: string): void {
    if (!line.open) return;
    Object.assign(entry, said, { answered: upNow() });
    line.send({ status: 200, type: "application/json", body });
  }

  /** Only those who are logged in get a fresh visa. Of nodes it is only known that their answers can carry one too. */
  #bodyOf({ request, entry }: { request: { id: RpcId }; entry: GrowingEntry }, outcome: Outcome): string {
    const visa = entry.authenticated ? this.#parts.visas.issue() : undefined;
    if ("error" in outcome) return errorBody(request.id, outcome.error, visa);
    return resultBody(request.id, outcome.result, visa);
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.#parts.closing });
  }
}

/** Others do things to one device at a time. */
function firstOf(item: GrowingEntry["item"]): number | undefined {
  return typeof item === "object" ? item[0] : item;
}
