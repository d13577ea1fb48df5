/** A part of a source text, from an offset to another. */
export type Range = readonly [start: number, end: number];

/**
 * The numbers of the lines that hold code, the first line being 0. Lines that are blank or hold
 * nothing but a comment don't count.
 *
 * @param text The source text.
 * @param comments Where its comments stand.
 * @returns The line numbers, ascending.
 */
export function codeLines(text: string, comments: readonly Range[]): number[] {
  const blanked = [...comments].sort((a, b) => b[0] - a[0]).reduce(
    (left, [start, end]) =>
      left.slice(0, start) + left.slice(start, end).replace(/[^\n]/g, " ") + left.slice(end),
    text,
  );
  return blanked.split("\n").flatMap((line, number) => line.trim() === "" ? [] : [number]);
}

/**
 * The number of the line that an offset stands on, the first line being 0.
 *
 * @param text The source text.
 * @param offset The offset.
 * @returns The line number.
 */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length - 1;
}
