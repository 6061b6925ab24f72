import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Comment {
  readonly path: string;
  readonly body: string;
}

/** The part of a platform's interface that jobs call: it takes comments, and gives single files of artefacts by job. */
export class Platform implements AsyncDisposable {
  readonly comments: Comment[] = [];
  /** Folders that jobs have left, by the name of the artefact or the number of the job. */
  readonly artefacts = new Map<string, string>();
  readonly #server = createServer((request, response) => {
    this.#answer(request).then(
      ({ status, bytes }) => response.writeHead(status).end(bytes),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });

  readonly token: string;

  /** @param token The one that it wants. */
  constructor(token: string) {
    this.token = token;
  }

  async listen(): Promise<this> {
    await new Promise<void>((ready) => this.#server.listen(0, "127.0.0.1", ready));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; bytes?: Buffer }> {
    const { headers, method, url = "" } = request;
    const given = [headers.authorization, headers["private-token"], headers["job-token"]];
    if (!given.some((one) => one === this.token || one === `Bearer ${this.token}`)) return { status: 401 };
    if (method === "POST") {
      let text = "";
      for await (const piece of request) text += String(piece);
      this.comments.push({ path: url, body: (JSON.parse(text) as { body: string }).body });
      return { status: 201 };
    }
    const [, job = "", path = ""] = /\/jobs\/(\d+)\/artifacts\/(.+)$/.exec(url) ?? [];
    const file = join(this.artefacts.get(job) ?? "", path);
    return existsSync(file) ? { status: 200, bytes: readFileSync(file) } : { status: 404 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((closed) => this.#server.close(closed));
  }
}
