/** Something that is looked at again and again. Dispose of it to look no more. */
export interface Looking extends Disposable {
  /** Look at once, unless it is being looked at. */
  now(): void;
}

/**
 * Look every so many ms, and never twice at a time: a look that takes longer leaves out the next ones. It keeps the process alive.
 * @param failed Told of a look that failed; the next one comes all the same.
 */
export function lookEvery(ms: number, look: () => Promise<void>, failed: (error: unknown) => void): Looking {
  let isLooking = false;
  const now = (): void => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch(failed)
      .finally(() => (isLooking = false));
  };
  const timer = setInterval(now, ms);
  return { now, [Symbol.dispose]: () => clearInterval(timer) };
}
