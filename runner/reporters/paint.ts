import colors from "picocolors";

/** What a colour means here, so that one word looks the same everywhere. Without colour every function returns its text. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubt: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
}

/** Colours for one stream; whether it wants any is the caller's decision. */
export function paintFor(coloured: boolean): Paint {
  const { green, red, yellow, dim, bold } = colors.createColors(coloured);
  return { good: green, bad: red, doubt: yellow, quiet: dim, strong: bold };
}
