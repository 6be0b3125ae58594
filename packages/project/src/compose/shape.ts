/** Plain objects and lists of a compose file, before they are checked. */
export type ComposeMap = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is ComposeMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a plain value; undefined for others. */
export function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
