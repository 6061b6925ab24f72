import type { AnswerFacts, Shape } from "../../core/model/catalogue.ts";
import { lazily } from "../../core/model/lazily.ts";
import { methodsData, structsData } from "./data.ts";
import { shapeOf } from "./types.ts";

/** What a method returns, as the vendor documents it: `array of ProductInfo`. Undefined: only words say what it is. */
export function answerOf(method: string): AnswerFacts | undefined {
  const { returns = "", out = [] } = methodsByName().get(method) ?? {};
  const [, outer, inner = ""] = /^(array of )?(.+?)\??$/.exec(returns) ?? [];
  const shape = shapeOf(inner);
  if (!isKnown(shape)) return undefined;
  return { shape: outer === undefined ? shape : { kind: "list", of: shape }, beside: out.map(({ name }) => name) };
}

const methodsByName = lazily(() => new Map(methodsData().methods.map((method) => [method.name, method])));
/** Structs that were put together from what programs read: a member that is not among theirs may be there all the same. */
const partial = lazily(
  () => new Set(structsData().structs.flatMap(({ name, confidence }) => (confidence === "documented" ? [] : [name]))),
);

function isKnown(shape: Shape): boolean {
  return (
    shape.kind !== "any" && !(shape.kind === "object" && (shape.name.startsWith("{") || partial().has(shape.name)))
  );
}
