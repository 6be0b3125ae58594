import { fault } from '@onebuild/core';

/**
 * Splits `type=oci,"dest=a,b.tar"` the way CSV does: a field in double quotes may hold commas, `""` is a quote.
 * @throws USAGE naming `flag`
 */
export function splitCsv(text: string, flag: string): string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= text.length) {
    if (text[at] === '"') {
      const [field, end] = quotedField(text, at, flag);
      fields.push(field);
      at = end + 1;
    } else {
      const comma = text.indexOf(',', at);
      const end = comma < 0 ? text.length : comma;
      fields.push(text.slice(at, end));
      at = end + 1;
    }
  }
  return fields;
}

function quotedField(text: string, start: number, flag: string): [field: string, end: number] {
  let field = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw fault('USAGE', `${flag} ${text}: a quote is not closed`);
    field += text.slice(at, quote);
    if (text[quote + 1] === '"') {
      field += '"';
      at = quote + 2;
      continue;
    }
    const end = quote + 1;
    if (end < text.length && text[end] !== ',') {
      throw fault('USAGE', `${flag} ${text}: a comma must follow the closing quote`);
    }
    return [field, end];
  }
}

/**
 * Reads `key=value,key=value`; keys in lower case. `hint`: the form of the whole.
 * @throws USAGE naming `flag` and the field
 */
export function parseCsvFields(text: string, flag: string, hint?: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const field of splitCsv(text, flag)) {
    const [key, value] = splitPair(field);
    if (value === undefined) {
      throw fault('USAGE', `${flag} ${text}: ${JSON.stringify(field)} has to be key=value`, {
        ...(hint !== undefined && { hint }),
      });
    }
    fields.set(key.trim().toLowerCase(), value);
  }
  return fields;
}

/** `NAME=value` at the first `=`; value undefined where there is none. */
export function splitPair(text: string): [name: string, value: string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** @throws USAGE */
export function parseBoolean(text: string, flag: string): boolean {
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw fault('USAGE', `${flag}: ${JSON.stringify(text)} is not true or false`);
}
