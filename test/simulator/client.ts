import { defaultLogin } from "../../runner/simulator/server.ts";
import type { Simulator } from "../../runner/simulator/server.ts";

/** Any answer, as loosely as a test wants to look at it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Answer = any;

/** A client as plain as can be: it shares nothing with the real one, and keeps the newest visa. */
export class PlainClient {
  readonly simulator: Simulator;
  visa: string | undefined;
  #id = 0;

  constructor(simulator: Simulator) {
    this.simulator = simulator;
  }

  static async loggedIn(simulator: Simulator): Promise<PlainClient> {
    const client = new PlainClient(simulator);
    await client.call("Login", defaultLogin);
    return client;
  }

  async call(method: string, params: object = {}, signal?: AbortSignal): Promise<Answer> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: `t-${++this.#id}`, method, params, visa: this.visa });
    const response = await this.post(body, signal);
    const answer: Answer = await response.json();
    this.visa = answer.visa ?? this.visa;
    return answer;
  }

  post(body: string, signal?: AbortSignal): Promise<Response> {
    return fetch(this.simulator.url, { method: "POST", body, ...(signal && { signal }) });
  }

  /** Rows of a list of the whole fleet, or what the query changes about it. */
  async rows(query: object = {}): Promise<Answer[]> {
    const answer = await this.list(query);
    return answer.result.result;
  }

  list(query: object = {}): Promise<Answer> {
    const whole = { PartnerId: this.simulator.rootPartner, Columns: ["I0"], OrderBy: "AU ASC" };
    return this.call("EnumerateAccountStatistics", { query: { ...whole, ...query } });
  }

  setProduct(id: number, product: number, signal?: AbortSignal): Promise<Answer> {
    return this.call("ModifyAccount", { accountInfo: { Id: id, ProductId: product } }, signal);
  }
}

export function idsOf(rows: Answer[]): number[] {
  return rows.map((row) => row.AccountId);
}
