/**
 * For a `for await` loop over a generator that also returns something. Leaving the loop early, by an error too, ends the
 * generator, so that its file is closed; stepping through it with `next` would not.
 * @returns `end` gives what the generator returned, once the loop has run to its end.
 */
export function withEnd<T, R>(source: AsyncGenerator<T, R, undefined>): Ending<T, R> {
  let returned: { readonly value: R } | undefined;
  async function* values(): AsyncGenerator<T, void, undefined> {
    returned = { value: yield* source };
  }
  const end = (): R => {
    if (returned === undefined) throw new Error("Asked for the end of a loop that was left before it.");
    return returned.value;
  };
  return { values: values(), end };
}

interface Ending<T, R> {
  readonly values: AsyncGenerator<T, void, undefined>;
  readonly end: () => R;
}
