import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fault } from '@onebuild/core';
import {
  collectGarbage,
  formatPasswordLine,
  openFsRegistryStore,
  parsePasswordFile,
  serveRegistry,
} from '@onebuild/registry/server';
import type { CliContext } from '../cli-context.ts';
import { formatBytes, formatCount } from '../display/format-amounts.ts';
import { parseWhole } from '../flags/amounts.ts';
import { createLineLog } from '../line-log.ts';
import { readPassword } from '../read-password.ts';
import { checkDestination } from '../settings/check-destination.ts';
import { readNamedFile } from '../settings/read-named-file.ts';
import { findStoreHome } from '../settings/store-home.ts';
import type { RegistryGcFlags, RegistryServeFlags, RegistryUserFlags } from './registry.ts';

const hourMs = 60 * 60 * 1000;

/** Serves until the signal aborts; running requests may end. The first line printed says where. */
export async function serve(context: CliContext, flags: RegistryServeFlags): Promise<void> {
  const { host, port } = parseListen(flags.listen);
  const root = findRoot(context, flags);
  const tls = await readTls(context, flags);
  const auth =
    flags.users === undefined
      ? undefined
      : parsePasswordFile(await readNamedFile(flags.users, { flag: '--users', cwd: context.cwd }));
  const running = await serveRegistry({
    root,
    host,
    port,
    ...(tls && { tls }),
    ...(auth && { auth }),
    log: createLineLog(context.stderr, { clock: context.clock, quiet: flags.quiet === true }),
  });
  context.stdout.write(`registry at ${running.url}, content in ${root}\n`);
  await aborted(context.signal);
  await running.close();
}

/** `onebuild registry gc` */
export async function collect(context: CliContext, flags: RegistryGcFlags): Promise<void> {
  const root = findRoot(context, flags);
  if (!existsSync(join(root, 'blobs'))) throw fault('FILE_ACCESS', `there is no registry in ${root}`);
  const store = await openFsRegistryStore(root);
  const report = await collectGarbage(store, {
    olderThanMs: parseWhole(flags.keepHours, '--keep-hours') * hourMs,
    ...(flags.dryRun !== undefined && { dryRun: flags.dryRun }),
    ...(flags.untagged !== undefined && { untagged: flags.untagged }),
  });
  const verb = flags.dryRun === true ? 'would remove' : 'removed';
  context.stdout.write(
    `${verb} ${formatCount(report.blobs, 'blob')} (${formatBytes(report.bytes)}), ` +
      `${formatCount(report.manifests, 'manifest')}, ${formatCount(report.tags, 'dangling tag')}, ` +
      `${formatCount(report.uploads, 'unfinished upload')}\n`,
  );
}

/** `onebuild registry user` */
export async function printUser(context: CliContext, name: string, flags: RegistryUserFlags): Promise<void> {
  const password = await readPassword(context, { fromStdin: flags.passwordStdin === true });
  context.stdout.write(`${await formatPasswordLine(name, password)}\n`);
}

function findRoot(context: CliContext, flags: { readonly root?: string; readonly home?: string }): string {
  const root =
    flags.root === undefined
      ? join(findStoreHome(context, flags.home), 'registry')
      : resolve(context.cwd, flags.root);
  checkDestination(root, "the registry's folder", 'folder');
  return root;
}

/** `HOST:PORT`, `[::1]:PORT`, `:PORT` (all addresses) or a port alone (loopback). */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:(?:\[([0-9a-fA-F:]+)\]|([^:]*)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3] ?? -1);
  if (match === null || port < 0 || port > 65_535) {
    throw fault('USAGE', `--listen ${JSON.stringify(text)} has to be HOST:PORT`);
  }
  const written = match[1] ?? match[2];
  return { host: written === undefined ? '127.0.0.1' : written === '' ? '0.0.0.0' : written, port };
}

async function readTls(
  { cwd }: CliContext,
  { tlsCert, tlsKey }: RegistryServeFlags,
): Promise<{ cert: string; key: string } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw fault('USAGE', '--tls-cert and --tls-key belong together');
  }
  const [cert, key] = await Promise.all([
    readNamedFile(tlsCert, { flag: '--tls-cert', cwd }),
    readNamedFile(tlsKey, { flag: '--tls-key', cwd }),
  ]);
  return { cert, key };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
