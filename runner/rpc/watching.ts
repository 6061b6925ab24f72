import type { Value } from "../core/model/item.ts";
import type { Exchange } from "../core/model/ports.ts";
import { sentParams, veiled, type Carried } from "./carried.ts";
import { doubtsOf, type Dialect } from "./classify.ts";
import { requestWriter } from "./envelope.ts";
import { redacted, withoutSecrets } from "./message.ts";
import { revealed } from "./reveal.ts";
import { headerOf, type Reply } from "./transport.ts";

/** What a request is made of, besides what the session adds. */
export interface Wording {
  readonly id: string;
  readonly method: string;
  readonly params: Value;
  /** Their JSON text. */
  readonly write: (params: Value) => string;
  /** The params as people may see them; left out: as they are. */
  readonly shown?: Value;
}

interface Sent {
  readonly wording: Wording;
  readonly carried: Carried;
  /** The header's value; undefined: none was sent. */
  readonly cookie: string | undefined;
  readonly reply: Reply;
  readonly ms: number;
}

/**
 * A request and its answer for a person who wants to see them: whatever lets us in is hidden by its place, and whatever is
 * known to be a secret by then wherever it stands.
 */
export function exchangeOf(
  { wording, carried, cookie, reply, ms }: Sent,
  dialect: Dialect,
  secrets: () => readonly string[],
): Exchange {
  const hide = (text: string): string => withoutSecrets(text, secrets());
  const answered = reply.kind === "answered" ? reply : undefined;
  const cookies = cookie === undefined ? [] : ["cookie", cookie.replaceAll(/=[^;]*/g, `=${redacted}`)];
  return {
    ...{ method: wording.method, ms },
    headers: () => [...veiled(carried).headers, ...cookies].map(hide),
    request: () => hide(bodyOf(wording, carried, dialect)),
    answer: () => answered && hide(answered.text),
    status: answered?.status,
    trouble: reply.kind === "answered" ? undefined : reply.message,
    wants: () => {
      const wanted = answered && headerOf(answered, "www-authenticate");
      return wanted === undefined ? undefined : hide(wanted);
    },
    doubts: () => (answered === undefined ? [] : doubtsOf(answered, wording.id, dialect).map(hide)),
  };
}

function bodyOf({ id, method, params, shown = params }: Wording, carried: Carried, { envelope }: Dialect): string {
  const { members, params: put } = veiled(carried);
  const seen = sentParams(shown, put, envelope);
  const text = "wrong" in seen || seen.params === undefined ? undefined : revealed(seen.params, () => redacted).params;
  return requestWriter(envelope)({ id, method, params: text, members });
}
