interface Step {
  readonly command: string;
  readonly exit: number;
}

/** Every command of a page's `sh` blocks, in order. Exit codes stand in front of a block; 0 where none do. */
export function stepsOf(page: string): readonly Step[] {
  return [...page.matchAll(/(?:<!-- exits ([\d ]+) -->\n)?```sh\n([^`]*)```/g)].flatMap(([, exits = "", text = ""]) => {
    const codes = exits.split(" ");
    return text
      .trim()
      .split("\n")
      .map((command, place) => ({ command, exit: Number(codes[place] ?? 0) }));
  });
}
