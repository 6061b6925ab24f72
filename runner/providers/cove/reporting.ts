import type { Request, Route } from "../../core/model/change.ts";
import type { Value } from "../../core/model/item.ts";
import type { Answer, Failure } from "../../core/model/outcome.ts";
import type { Clock, WriteOptions } from "../../core/model/ports.ts";
import { withoutEchoes } from "../../core/model/withheld.ts";
import type { Client, ReadAnswer } from "../../rpc/client.ts";
import { hasLineBreak, isSecretText } from "./command-lines.ts";
import { methodsData } from "./data.ts";
import type { FoundHome, Home, Homes } from "./homes.ts";
import type { Nodes } from "./nodes.ts";
import { isObject } from "../../core/model/object.ts";

/** Whether a method is served by the device's own node, not by the Management Service. */
export function isOfNodes(method: string): boolean {
  return paramsOf(method) !== undefined;
}

function paramsOf(method: string): readonly string[] | undefined {
  const found = methodsData().methods.find(({ name, endpoint }) => name === method && endpoint === "reporting");
  return found?.params.map(({ name }) => name);
}

/** How often a change of one device may find that its node can not be reached; then it has failed, since others wait with it. */
const mostTries = 3;

/**
 * The Reporting Service: each call goes to the node that the device lives on, with the device's name and token. Both can go
 * stale at any time, so that after a failure that may come of it they are asked for once more.
 */
export class Reporting {
  readonly #homes: Homes;
  readonly #nodes: Nodes;
  readonly #clock: Clock;
  /** By device, since its last answer. */
  readonly #unhandedTries = new Map<string, number>();

  constructor(homes: Homes, nodes: Nodes, clock: Clock) {
    this.#homes = homes;
    this.#nodes = nodes;
    this.#clock = clock;
  }

  /** Reads lists of one device, as answers of the Management Service are: what is returned is the member `result`. */
  listsOf(route: Route | undefined): Pick<Client, "read"> {
    return {
      read: async (request, signal) => {
        const answer = await this.read({ ...request, ...(route && { route }) }, signal);
        if (answer.kind === "failed") return answer;
        return { ...answer, result: { result: returned(answer.result) } };
      },
    };
  }

  /** A read, repeated where that can help. */
  async read(request: Request, signal: AbortSignal): Promise<ReadAnswer> {
    const began = this.#clock.up();
    const device = request.route?.device;
    if (device === undefined) return { kind: "failed", failure: routeless(request), began };
    const found = await this.#homes.of(device, signal);
    if (found.kind === "failed") return { kind: "failed", failure: found.failure, began };
    const answer = await this.#ask(request, found.home, signal);
    // Whatever went wrong, the device may live elsewhere by now, or have another token: only a pause says nothing of it.
    if (answer.kind === "result" || signal.aborted || answer.failure.class === "throttle") return answer;
    const again = await this.#homes.fresh(device, signal);
    if (again.kind === "failed") return again.isDefinite ? { ...answer, failure: again.failure } : answer;
    return isSame(found.home, again.home) ? answer : this.#ask(request, again.home, signal);
  }

  /** A change: sent once, and once more only after the node refused the device's token, which it does before it does anything. */
  async write(request: Request, options: WriteOptions): Promise<Answer> {
    const device = request.route?.device;
    if (device === undefined) return refused(routeless(request));
    const broken = brokenLine(request.params, options);
    if (broken !== undefined) return refused(broken);
    const waiting = options.withdrawal ?? options.signal;
    const isOver = (): boolean => waiting.aborted;
    const found = await this.#homes.of(device, waiting);
    if (isOver()) return { kind: "withdrawn" };
    if (found.kind === "failed") return homeless(found);
    const answer = await this.#send(request, found.home, options);
    // What a lost change came to is read where the device lives by then.
    if (answer.kind === "rejected" || answer.kind === "lost") this.#homes.forget(device);
    if (answer.kind !== "not-acted" || answer.failure.class === "throttle") {
      this.#unhandedTries.delete(device);
      return answer;
    }
    const again = await this.#homes.fresh(device, waiting);
    if (isOver()) return { kind: "withdrawn" };
    if (again.kind === "failed") return homeless(again);
    if (answer.failure.class !== "auth") return this.#unhanded(device, answer);
    return final(isSame(found.home, again.home) ? answer : await this.#send(request, again.home, options));
  }

  /** The node could not be handed the call: the item waits for another try, which goes where the device lives by then. */
  #unhanded(device: string, answer: Answer): Answer {
    const tries = (this.#unhandedTries.get(device) ?? 0) + 1;
    this.#unhandedTries.set(device, tries);
    return tries < mostTries ? answer : final(answer);
  }

  #ask(request: Request, home: Home, signal: AbortSignal): Promise<ReadAnswer> {
    return this.#nodes.at(home.url, async (client) => {
      const answer = await client.read(completed(request, home), signal, [home.token]);
      if (answer.kind === "failed") return { ...answer, failure: at(home, answer.failure) };
      return { ...answer, result: withoutEchoes(answer.result, [home.token]) };
    });
  }

  #send(request: Request, home: Home, options: WriteOptions): Promise<Answer> {
    return this.#nodes.at(home.url, async (client) => {
      const answer = await client.write(completed(request, home), options, [home.token]);
      if ("failure" in answer) return { ...answer, failure: at(home, answer.failure) };
      // What it returns is of no use to anybody: a call to a node is about one device.
      return answer.kind === "accepted" ? { kind: "accepted" } : answer;
    });
  }
}

/** What a method of a node returns: it may or may not be wrapped as the Management Service does. */
export function returned(result: Value): Value {
  return isObject(result) && Object.hasOwn(result, "result") ? (result.result ?? null) : result;
}

/** With what comes from the device, as far as the method has it. */
function completed({ method, params }: Request, home: Home): Request {
  const known = paramsOf(method) ?? [];
  const own = { accountId: Number(home.device), account: home.account, token: home.token };
  const added = Object.entries(own).filter(([name]) => known.includes(name));
  return { method, params: { ...(params as Readonly<Record<string, Value>>), ...Object.fromEntries(added) } };
}

function isSame(left: Home, right: Home): boolean {
  return left.url === right.url && left.account === right.account && left.token === right.token;
}

/** No home, so nothing was sent. What may be another time waits; what will not is this item's failure, whoever said so. */
function homeless({ failure, isDefinite }: Extract<FoundHome, { readonly kind: "failed" }>): Answer {
  return isDefinite ? refused({ ...failure, class: "fatal" }) : { kind: "not-acted", failure };
}

/** The service as a whole answers, and this node does not take the call: waiting would hold up all others. */
function final(answer: Answer): Answer {
  return answer.kind === "not-acted" && answer.failure.class !== "throttle" ? refused(answer.failure) : answer;
}

function refused(failure: Failure): Answer {
  return { kind: "rejected", failure };
}

function routeless({ method }: Request): Failure {
  const message = `${method} is answered where a device lives, and nothing says which device; nothing was sent`;
  return { class: "fatal", code: "no-route", message };
}

/** A secret is known only now; one with a line break would be read as one parameter more. */
function brokenLine(params: Value, { reveal }: WriteOptions): Failure | undefined {
  const names = secretsIn(params).filter((input) => hasLineBreak(reveal({ $secret: [{ input }] })));
  const [name] = names;
  if (name === undefined) return undefined;
  const message = `the secret input ${name} holds a line break, and what follows would be another parameter; nothing was sent`;
  return { class: "fatal", code: "line-break", message };
}

function secretsIn(value: Value): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (!isSecretText(value)) return Object.values(value as Readonly<Record<string, Value>>).flatMap(secretsIn);
  return value.$secret.flatMap((part) => (typeof part === "string" ? [] : [part.input]));
}

function at({ url }: Home, failure: Failure): Failure {
  return { ...failure, message: `${new URL(url).host}: ${failure.message}` };
}
