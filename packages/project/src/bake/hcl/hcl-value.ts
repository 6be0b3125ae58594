/** A value of HCL. Maps and objects are one kind here, lists, sets and tuples another; numbers are doubles. */
export type HclValue = null | boolean | number | string | readonly HclValue[] | ReadonlyMap<string, HclValue>;

export type HclMap = ReadonlyMap<string, HclValue>;

export function isList(value: HclValue): value is readonly HclValue[] {
  return Array.isArray(value);
}

export function isMap(value: HclValue): value is HclMap {
  return value instanceof Map;
}

/** What messages call the kind of a value. */
export function nameKind(value: HclValue): string {
  if (value === null) return 'null';
  if (isList(value)) return 'a list';
  if (isMap(value)) return 'an object';
  const names = { string: 'a text', number: 'a number', boolean: 'a boolean' };
  return names[typeof value as keyof typeof names];
}

/** Entries in the order in which HCL visits them: by key. */
export function sortedEntries(map: HclMap): [string, HclValue][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The text that a value converts to; undefined where it does not. */
export function asText(value: HclValue): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return formatNumber(value);
  return undefined;
}

/** The number that a value converts to; undefined where it does not. */
export function asNumber(value: HclValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d{1,400}(\.\d{1,400})?([eE][+-]?\d{1,4})?$/.test(value))
    return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** The boolean that a value converts to; undefined where it does not. */
export function asFlag(value: HclValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  return undefined;
}

/** Without exponent, as HCL writes numbers. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text;
}

/** Values of different kinds are never equal: `1` is not `"1"`. */
export function isEqual(a: HclValue, b: HclValue): boolean {
  if (isList(a))
    return isList(b) && a.length === b.length && a.every((item, at) => isEqual(item, b[at] ?? null));
  if (!isMap(a)) return a === b;
  if (!isMap(b) || a.size !== b.size) return false;
  return [...a].every(([key, value]) => b.has(key) && isEqual(value, b.get(key) ?? null));
}

/** What `jsonencode` writes. */
export function encodeJson(value: HclValue): string {
  if (isList(value)) return `[${value.map(encodeJson).join(',')}]`;
  if (isMap(value)) {
    const entries = sortedEntries(value).map(([key, item]) => `${quoteJson(key)}:${encodeJson(item)}`);
    return `{${entries.join(',')}}`;
  }
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'string' ? quoteJson(value) : String(value);
}

/** As the original does, characters that mean something in HTML are written as escapes. */
function quoteJson(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A value of HCL for parsed JSON. */
export function fromJson(json: unknown): HclValue {
  if (json === null || typeof json === 'boolean' || typeof json === 'number' || typeof json === 'string')
    return json;
  if (Array.isArray(json)) return json.map(fromJson);
  return new Map(Object.entries(json as object).map(([key, item]) => [key, fromJson(item)]));
}
