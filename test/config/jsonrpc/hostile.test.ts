import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { PlanError } from "../../../runner/core/model/errors.ts";
import { configOf } from "../../support/config.ts";

const marker = "hunter22";

const keys =
  `kind url secrets envelope credentials cookies session errors empty_is_unset methods undeclared late lag limits
  tls domains version method params id numeric_ids empty_params result error success content_type null_id in name index value
  user password login refresh logout max_logins call anonymous unless require save on when class message repeat destructive
  chunk_max ca env file command a b __proto__ constructor`.split(/\s+/);

const texts =
  `jsonrpc cove https://rpc.example/ 2.0 omit body header param basic every change read enumerate set once auth reject
  . a.b a[0] a[] ^a header:X body:a X-A Host 5s`.split(/\s+/);

const expressions = [
  "http.status == 409",
  "error.code",
  "result == true && (",
  `${marker} == 1`,
  `"${marker}" + 1`,
  `session.a != null`,
  `${marker}(secrets.a)`,
  `secrets.a.${marker}`,
  `"${marker}" in [1]`,
  `has(${marker}.x)`,
  `[1].map(${marker}, b)`,
  `{"${marker}": ${marker}}`,
  `- ${marker} / 0`,
  `rematch("a", "(${marker}")`,
];

const text = fc.oneof(
  fc.constantFrom(...texts, marker),
  fc.constantFrom(...expressions),
  fc.constantFrom(...expressions).map((expression) => `\${{ ${expression} }}`),
  fc.constantFrom(...expressions).map((expression) => `x\${{${expression}}} \${{`),
  fc.string({ maxLength: 20 }),
);

const scalar = fc.oneof({ weight: 4, arbitrary: text }, fc.integer(), fc.boolean(), fc.constant(null), fc.double());

const { node } = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    { weight: 2, arbitrary: fc.array(tie("node"), { maxLength: 4 }) },
    { weight: 4, arbitrary: fc.dictionary(fc.constantFrom(...keys), tie("node"), { maxKeys: 6 }) },
  ),
}));

const part = fc.constantFrom(
  "envelope",
  "credentials",
  "session",
  "errors",
  "methods",
  "secrets",
  "tls",
  "limits",
  "cookies",
);

/** Services that are right in parts, so that what is wrong is found behind the shape as well. */
const service = fc.oneof(
  node,
  fc
    .dictionary(part, node, { maxKeys: 6 })
    .map((parts) => ({ kind: "jsonrpc", url: "https://rpc.example/", ...parts })),
  fc
    .record({ when: text, value: text, save: text, on: text, name: text, params: node, more: node })
    .map(({ when, value, save, on, name, params, more }) => ({
      kind: "jsonrpc",
      url: "https://rpc.example/",
      secrets: { a: { env: "A" } },
      envelope: { success: when, result: save },
      credentials: [
        { in: "header", name, value },
        { in: "body", name, value: more },
        { in: "basic", user: value, password: name },
      ],
      session: {
        login: [{ call: "login", params, unless: when, require: on, save: { a: save } }],
        refresh: [{ on, save: { b: `header:${name}`, a: `body:${save}` } }],
      },
      errors: [{ when, class: "reject", message: save }],
    })),
);

describe("a config of any shape", () => {
  it("is read, or refused with a place for each problem and nothing of what stands in it", async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(service, async (document) => {
        // `__proto__` as a key of its own, as YAML has it.
        const config = stringify({ services: { x: document } }, { aliasDuplicateObjects: false });
        try {
          await configOf(config);
        } catch (error) {
          if (!(error instanceof PlanError)) throw error;
          refused += 1;
          const lines = config.split("\n").length;
          for (const { line, column, message, hint = "" } of error.problems) {
            expect(line).toBeGreaterThan(0);
            expect(line).toBeLessThanOrEqual(lines);
            expect(column).toBeGreaterThan(0);
            expect(`${message} ${hint}`).not.toContain(marker);
          }
        }
      }),
      { numRuns: 1500 },
    );
    expect(refused).toBeGreaterThan(1000);
  }, 60_000);
});
