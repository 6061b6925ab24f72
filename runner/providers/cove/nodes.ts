import type { Outside } from "../../core/model/ports.ts";
import type { Service } from "../../core/model/service.ts";
import { Client } from "../../rpc/client.ts";
import type { Limiter } from "../../rpc/limiter.ts";
import { Transport } from "../../rpc/transport.ts";
import { nodeDialect } from "./errors.ts";

/** Nodes whose connections stay open while nothing is sent there. */
const mostIdle = 8;
/** A node that does not answer may be down for long: others are waiting. */
const tries = 3;

export interface NodesParts {
  readonly service: Service;
  readonly outside: Outside;
  /** Of the whole connection: calls to nodes count as any other. */
  readonly limiter: Limiter;
  /** Values that no message may show. */
  readonly secrets: () => readonly string[];
}

interface Node {
  readonly client: Client;
  readonly transport: Transport;
  calls: number;
}

/** Connections to storage nodes: one pool each, those used last stay open. */
export class Nodes implements AsyncDisposable {
  readonly #parts: NodesParts;
  /** The least recently used one first. */
  readonly #open = new Map<string, Node>();

  constructor(parts: NodesParts) {
    this.#parts = parts;
  }

  /** @param call What is done with the node; its connections stay open at least until that is over. */
  async at<T>(url: string, call: (client: Client) => Promise<T>): Promise<T> {
    const node = this.#open.get(url) ?? this.#made(url);
    this.#open.delete(url);
    this.#open.set(url, node);
    node.calls += 1;
    try {
      return await call(node.client);
    } finally {
      node.calls -= 1;
      await this.#closeIdle();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ transport }) => transport[Symbol.asyncDispose]()));
  }

  #made(url: string): Node {
    const { service, outside, limiter, secrets } = this.#parts;
    const { timeoutMs, body: maxBytes, message } = service.limits;
    const { clock, concurrency: connections } = outside;
    const transport = new Transport({ url, connections, timeoutMs, maxBytes, clock, ca: service.ca });
    const dialect = nodeDialect;
    const client = new Client({ transport, limiter, dialect, outside, timeoutMs, message, secrets, tries });
    return { client, transport, calls: 0 };
  }

  async #closeIdle(): Promise<void> {
    const idle = [...this.#open].filter(([, { calls }]) => calls === 0);
    const surplus = idle.slice(0, Math.max(0, idle.length - mostIdle));
    for (const [url] of surplus) this.#open.delete(url);
    await Promise.all(surplus.map(([, { transport }]) => transport[Symbol.asyncDispose]()));
  }
}
