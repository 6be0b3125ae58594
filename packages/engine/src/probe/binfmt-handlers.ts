import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** A program that runs other programs: kernel, Documentation/admin-guide/binfmt-misc.rst. */
export interface BinfmtHandler {
  readonly name: string;
  readonly interpreter: string;
  /** The interpreter was opened when it was registered, so it works in any root (flag `F`). */
  readonly fixed: boolean;
  /** Whether it takes programs that begin like this. */
  matches(header: Uint8Array): boolean;
}

export const binfmtFolder = '/proc/sys/fs/binfmt_misc';

/** Handlers that are switched on; undefined where binfmt_misc isn't mounted. */
export function readBinfmtHandlers(folder = binfmtFolder): readonly BinfmtHandler[] | undefined {
  if (!existsSync(`${folder}/register`)) return undefined;
  return readdirSync(folder)
    .filter((name) => name !== 'register' && name !== 'status')
    .map((name) => parseHandler(name, readFileSync(`${folder}/${name}`, 'latin1')))
    .filter((handler) => handler !== undefined);
}

export function parseHandler(name: string, text: string): BinfmtHandler | undefined {
  const field = (key: string) => new RegExp(`^${key}:? (.*)$`, 'm').exec(text)?.[1] ?? '';
  const magic = Buffer.from(field('magic'), 'hex');
  if (!/^enabled$/m.test(text) || magic.length === 0) return undefined;
  const mask = Buffer.from(field('mask'), 'hex');
  const offset = Number(field('offset') || 0);
  return {
    name,
    interpreter: field('interpreter'),
    fixed: field('flags').includes('F'),
    matches: (header) =>
      offset + magic.length <= header.length &&
      magic.every((byte, at) => {
        const bits = mask[at] ?? 0xff;
        return ((header[offset + at] ?? 0) & bits) === (byte & bits);
      }),
  };
}
