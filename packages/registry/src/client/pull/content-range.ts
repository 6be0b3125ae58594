/** Where an answer's body belongs in the whole, in bytes. */
export interface BodyRange {
  readonly start: number;
  /** Size of the whole; undefined where the server doesn't know. */
  readonly total: number | undefined;
}

/** `Content-Range` of a 206 (RFC 9110, section 14.4); undefined where it is no range of bytes. */
export function parseContentRange(header: string | undefined): BodyRange | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(header ?? '');
  if (match === null) return undefined;
  const [, start = '', end = '', total = ''] = match;
  if (Number(end) < Number(start)) return undefined;
  return { start: Number(start), total: total === '*' ? undefined : Number(total) };
}
