/** Work on many things at once, no more than `width`, and give what became of them in their own order. */
export async function* inOrder<Thing, Result>(
  things: Iterable<Thing>,
  width: number,
  work: (thing: Thing) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  try {
    for (const thing of things) {
      const one = work(thing);
      // Whoever takes it hears of its error; until then it is nobody's.
      one.catch(() => undefined);
      underWay.push(one);
      const first = underWay.length >= width ? underWay.shift() : undefined;
      if (first !== undefined) yield await first;
    }
    for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) yield await next;
  } finally {
    await Promise.allSettled(underWay);
  }
}
