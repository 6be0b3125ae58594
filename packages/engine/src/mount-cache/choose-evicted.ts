/** A file that may be saved. */
export interface Candidate {
  readonly path: string;
  /** bytes */
  readonly size: number;
  /** day */
  readonly used: number;
}

/** The files that were not used for the longest time, so that the others have at most `bytes` bytes and are at most `files`. */
export function chooseEvicted(
  candidates: readonly Candidate[],
  most: { readonly bytes: number; readonly files: number },
): readonly Candidate[] {
  let bytes = candidates.reduce((sum, { size }) => sum + size, 0);
  let files = candidates.length;
  const evicted: Candidate[] = [];
  if (bytes <= most.bytes && files <= most.files) return evicted;
  // of one day, those that make the most room
  for (const one of candidates.toSorted((a, b) => a.used - b.used || b.size - a.size)) {
    if (bytes <= most.bytes && files <= most.files) break;
    // an empty file makes no room
    if (one.size === 0 && files <= most.files) continue;
    evicted.push(one);
    bytes -= one.size;
    files--;
  }
  return evicted;
}
