import { readFile, stat } from 'node:fs/promises';
import { fault, registerSecret, toFault } from '@onebuild/core';
import type { SecretSource } from '../build-options.ts';

/** As BuildKit: 500 KiB. */
export const mostBytes = 500 << 10;

/** Reads a secret and has it removed from every text from here on. */
export async function readSecret(id: string, source: SecretSource): Promise<Uint8Array> {
  let content: Uint8Array;
  if (source.type === 'value') {
    content = Buffer.from(source.value);
  } else {
    try {
      const { size } = await stat(source.path);
      if (size > mostBytes)
        throw fault('SECRET_NOT_FOUND', `secret ${id} has ${size} bytes, ${mostBytes} are allowed`);
      content = await readFile(source.path);
    } catch (error) {
      throw fault('SECRET_NOT_FOUND', `secret ${id}: ${toFault(error).message}`);
    }
  }
  registerSecret(Buffer.from(content).toString('utf8'));
  return content;
}
