const shownLength = 300;

/** What strangers wrote, fit for a terminal: one line, no control characters, bounded. */
export function printable(text: string): string {
  const line = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return line.length > shownLength ? `${line.slice(0, shownLength)}...` : line;
}
