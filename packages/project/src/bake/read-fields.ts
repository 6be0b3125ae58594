import { fault } from '@onebuild/core';
import type { AttributeKind, Fields } from './bake-target.ts';

/**
 * Reads `type=registry,ref=x` and the short forms: a cache that is a reference, an output that is a path, an SSH key `id=path`.
 * Undefined: the text is empty, and so is the setting.
 * @throws PROJECT_INVALID without location
 */
export function readFields(text: string, kind: AttributeKind['fields']): Fields | undefined {
  if (text === '') return undefined;
  if (kind === 'ssh') {
    const [id, paths] = splitOnce(text);
    return { id, ...(paths !== undefined && { paths }) };
  }
  const parts = splitCsv(text);
  if (parts.length === 1 && !text.includes('=')) {
    if (kind === 'cache') return { type: 'registry', ref: text };
    if (kind === 'output') return text === '-' ? { type: 'tar', dest: '-' } : { type: 'local', dest: text };
  }
  const fields: Record<string, string> = {};
  for (const part of parts) {
    const [key, value] = splitOnce(part);
    if (value === undefined) throw invalid(`"${part}" in "${text}" is not written as key=value`);
    const name = key.trim().toLowerCase();
    Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return kind === 'secret' ? readSecret(fields, text) : completeFields(fields, kind);
}

/** Fields that were written as an object: the same rules as for a text. */
export function completeFields(fields: Fields, kind: AttributeKind['fields']): Fields {
  if (kind === 'secret') return readSecret(fields, JSON.stringify(fields));
  const needsType = kind === 'cache' || kind === 'output' || kind === 'attest';
  if (needsType && fields.type === undefined) throw invalid(`type is missing in ${writeFields(fields)}`);
  return fields;
}

function readSecret(fields: Fields, text: string): Fields {
  const { id, type, env } = fields;
  const src = fields.src ?? fields.source;
  const unknown = Object.keys(fields).find((name) => !['id', 'type', 'env', 'src', 'source'].includes(name));
  if (unknown !== undefined) throw invalid(`${unknown} is not known in ${text}`);
  if (type !== undefined && type !== 'file' && type !== 'env')
    throw invalid(`a secret of type ${type} is not known`);
  const isEnv = type === 'env' && env === undefined;
  return {
    ...(id !== undefined && { id }),
    ...(src !== undefined && !isEnv && { src }),
    ...(env !== undefined && { env }),
    ...(isEnv && src !== undefined && { env: src }),
  };
}

/** As the flags take them. */
export function writeFields(fields: Fields): string {
  const entries = Object.entries(fields);
  // the type stands first, as people write it
  entries.sort(([a], [b]) => Number(b === 'type' || b === 'id') - Number(a === 'type' || a === 'id'));
  return entries.map(([key, value]) => quoteField(`${key}=${value}`)).join(',');
}

export function writeSsh({ id = '', paths }: Fields): string {
  return paths === undefined || paths === '' ? id : `${id}=${paths}`;
}

function quoteField(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf('=');
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** One line of RFC 4180. */
export function splitCsv(text: string): string[] {
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '"' && isQuoted && text[at + 1] === '"') {
      field += '"';
      at++;
    } else if (char === '"' && (isQuoted || field === '')) {
      isQuoted = !isQuoted;
    } else if (char === ',' && !isQuoted) {
      fields.push(field);
      field = '';
    } else {
      field += char;
    }
  }
  if (isQuoted) throw invalid(`a quote is not closed in ${text}`);
  return [...fields, field];
}

function invalid(message: string): Error {
  return fault('PROJECT_INVALID', message);
}
