/** The first of the candidates that looks like a version; the last one counts in any case. */
export function findVersion(candidates: readonly (string | undefined)[]): string {
  const found = candidates.find((one) => one !== undefined && /^\d{1,4}(?:\.\d{1,4}){0,2}$/.test(one));
  return found ?? candidates.at(-1) ?? '';
}
