import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonRpc2, readEnvelope, requestWriter } from "../../runner/rpc/envelope.ts";

it("builds a request that reads back as what was asked, whatever the texts hold", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.jsonValue(), (id, method, params) => {
      const write = requestWriter(jsonRpc2);
      const text = write({ id, method, params: JSON.stringify(params), members: `"visa":${JSON.stringify(id)}` });
      const expected = { jsonrpc: "2.0", id, method, params, visa: id };
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(expected)));
    }),
  );
});

describe("an answer", () => {
  const cases: readonly [string, string, string][] = [
    ["a result", '{"jsonrpc":"2.0","id":"a","result":{"result":1}}', "result"],
    ["a void result", '{"id":"a","result":null}', "result"],
    ["a result beside a null error", '{"id":"a","result":null,"error":null}', "result"],
    ["a byte order mark", '\uFEFF{"id":"a","result":1}', "result"],
    ["an error", '{"id":"a","error":{"code":-32603,"message":"no","data":13501}}', "error"],
    ["an error beside a null result", '{"id":"a","result":null,"error":{"code":1,"message":"no"}}', "error"],
    ["another id", '{"id":"b","result":1}', "wrong-id"],
    ["a null id", '{"id":null,"error":{"code":-32700,"message":"parse"}}', "wrong-id"],
    ["an id of another type", '{"id":1,"result":1}', "wrong-id"],
    ["no id", '{"result":1}', "wrong-id"],
    ["neither result nor error", '{"id":"a"}', "wrong-shape"],
    ["both", '{"id":"a","result":1,"error":{"code":1,"message":""}}', "wrong-shape"],
    ["an error that is text", '{"id":"a","error":"no"}', "error"],
    ["an error that may mean none", '{"id":"a","error":false}', "wrong-shape"],
    ["JSON-RPC 1", '{"jsonrpc":"1.0","id":"a","result":1}', "wrong-shape"],
    ["a batch", '[{"id":"a","result":1}]', "bad-json"],
    ["half an object", '{"id":"a","resu', "bad-json"],
    ["a web page", "<html>Bad gateway</html>", "bad-json"],
    ["nothing", "", "bad-json"],
  ];
  it.each(cases)("with %s", (_name, text, expected) => {
    const envelope = readEnvelope(text, "a", jsonRpc2);
    expect(envelope.kind === "malformed" ? envelope.code : envelope.kind).toBe(expected);
  });

  it("of any bytes at all is read without an exception", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readEnvelope(text, "a", jsonRpc2)));
  });
});
