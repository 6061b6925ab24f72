import type { Fields, Item } from "../core/model/item.ts";
import type { Connection, Reading } from "../core/model/ports.ts";
import { echoVeil } from "../core/model/withheld.ts";
import type { SecretValues } from "./secrets.ts";

/** The same line, whose answers do not bring a plan's own secrets into files: what was sent may be read back in any text. */
export function discreet(line: Connection, values: SecretValues): Connection {
  const secrets = Object.values(values).map((secret) => secret.reveal());
  if (secrets.length === 0) return line;
  const veil = echoVeil(secrets);
  const kept = (fields: Fields): Fields => veil(fields) as Fields;
  return {
    login: line.login,
    skewMs: line.skewMs,
    pages: (list, signal) => eachItem(line.pages(list, signal), (item) => ({ ...item, fields: kept(item.fields) })),
    ask: async (request, signal) => {
      const answer = await line.ask(request, signal);
      return answer.kind === "result" ? { ...answer, value: veil(answer.value) } : answer;
    },
    read: async (list, id, names, signal): Promise<Reading> => {
      const reading = await line.read(list, id, names, signal);
      return reading.kind === "found" ? { ...reading, fields: kept(reading.fields) } : reading;
    },
    write: (request, options) => line.write(request, options),
    setRate: (perMinute) => line.setRate?.(perMinute),
    listenToPace: (heard) => line.listenToPace?.(heard),
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
}

async function* eachItem(
  pages: AsyncIterable<readonly Item[]>,
  change: (item: Item) => Item,
): AsyncGenerator<readonly Item[]> {
  for await (const page of pages) yield page.map(change);
}
