import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '@onebuild/core';
import type { ClientCertificate } from '../registry-client-options.ts';

/** What Docker's `certs.d` folder says of one host. */
export interface HostCertificates {
  /** PEM */
  readonly ca: readonly string[];
  readonly client?: ClientCertificate;
}

const none: HostCertificates = { ca: [] };

/**
 * Reads `DIR/HOST[:PORT]`: every `*.crt` is an authority, `NAME.cert` with `NAME.key` is what we show.
 * @throws FILE_ACCESS
 */
export async function readHostCertificates(dirs: readonly string[], host: string): Promise<HostCertificates> {
  // a URL's host has no slash, but the folder must not be led elsewhere by a name such as `..`
  if (host.includes('/') || host.startsWith('.')) return none;
  for (const dir of dirs) {
    const folder = join(dir, host);
    const files = await listFiles(folder);
    if (files.length > 0) return await readFolder(folder, files);
  }
  return none;
}

async function readFolder(folder: string, files: readonly string[]): Promise<HostCertificates> {
  const read = async (name: string) => {
    try {
      return await readFile(join(folder, name), 'utf8');
    } catch (cause) {
      throw fault('FILE_ACCESS', `cannot read the certificate ${join(folder, name)}`, { cause });
    }
  };
  const ca = await Promise.all(files.filter((name) => name.endsWith('.crt')).map(read));
  const certificate = files.find((name) => name.endsWith('.cert'));
  if (certificate === undefined) return { ca };
  const key = `${certificate.slice(0, -'.cert'.length)}.key`;
  if (!files.includes(key)) {
    throw fault('FILE_ACCESS', `${join(folder, certificate)} has no ${key} beside it`);
  }
  return { ca, client: { cert: await read(certificate), key: await read(key) } };
}

async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw fault('FILE_ACCESS', `cannot read the folder ${folder}`, { cause });
  }
}
