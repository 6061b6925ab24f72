/** A size of the long trials, from the environment. */
export const setting = (name: string, usual: number): number => Number(process.env[name] ?? usual);

/** Told at once, whatever the reporter of the tests does. */
export const say = (text: string): void => void process.stdout.write(`${text}\n`);
