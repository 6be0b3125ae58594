/** `Retry-After` (RFC 9110, section 10.2.3) in milliseconds from `now`; undefined where it says nothing sensible. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  // Date.parse reads much that is no date of HTTP
  if (!/^[A-Za-z]{3,9}, [A-Za-z0-9: -]{1,40} GMT$/.test(header.trim())) return undefined;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
