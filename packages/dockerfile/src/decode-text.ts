import { fault } from '@onebuild/core';
import { drawSnippet } from './snippet.ts';

/** 8 MiB; nobody writes such a file by hand. */
export const largest = 8 * 1024 * 1024;

/**
 * Text from bytes. Comments may hold anything, older editors leave other encodings there; everything else must be UTF-8.
 * @throws DOCKERFILE_PARSE for a file over 8 MiB, NUL characters and invalid UTF-8
 */
export function decodeText(source: string | Uint8Array, name: string): string {
  if (source.length > largest) {
    throw fault('DOCKERFILE_PARSE', `${name} is larger than 8 MiB`, {
      hint: 'Check that it is a Dockerfile.',
    });
  }
  const text =
    typeof source === 'string' ? source : new TextDecoder('utf-8', { ignoreBOM: true }).decode(source);
  const nul = text.indexOf('\0');
  if (nul !== -1) {
    throw fault('DOCKERFILE_PARSE', `${name} holds a NUL character`, {
      location: { file: name, line: lineAt(text, nul) },
      hint: 'It looks like a binary file, or like text in UTF-16: save it as UTF-8.',
    });
  }
  if (typeof source !== 'string') refuseDamage(source, text, name);
  return text;
}

function refuseDamage(bytes: Uint8Array, text: string, name: string): void {
  if (!text.includes('\uFFFD') || isUtf8(bytes)) return;
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(10, start);
    const end = feed === -1 ? bytes.length : feed;
    const content = bytes.subarray(start, end);
    if (!isUtf8(content) && !/^\s*#/.test(new TextDecoder().decode(content))) {
      throw fault('DOCKERFILE_PARSE', `line ${line} of ${name} is no valid UTF-8`, {
        location: { file: name, line, snippet: drawSnippet(text, { line }) },
        hint: 'Save the file as UTF-8.',
      });
    }
    start = end + 1;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
