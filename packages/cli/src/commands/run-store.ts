import { collectStore, storeUsage, verifyStore } from '@onebuild/engine';
import type { CliContext } from '../cli-context.ts';
import { formatBytes, formatCount } from '../display/format-amounts.ts';
import { renderTable } from '../display/render-table.ts';
import { exitCodes } from '../exit-code.ts';
import { parseBytes, parseWhole } from '../flags/amounts.ts';
import { checkDestination } from '../settings/check-destination.ts';
import { findStoreHome } from '../settings/store-home.ts';
import { findPrivilege, runInUserNamespace } from '../user-namespace.ts';
import type { StoreFlags, StoreGcFlags } from './store.ts';

/** `onebuild store du` */
export async function showUsage(context: CliContext, flags: StoreFlags): Promise<void> {
  await asOwner(context, flags, async (home) => {
    const usage = await storeUsage({ home, clock: context.clock });
    print(context, flags, usage, () => [
      ...renderTable(
        ['KIND', 'COUNT', 'SIZE', 'LAST USED'],
        usage.kinds.map(({ kind, count, size, lastUsed }) => [
          kind,
          String(count),
          formatBytes(size),
          lastUsed === undefined ? '' : new Date(lastUsed).toISOString(),
        ]),
      ),
      `${formatBytes(usage.size)} in ${usage.home}`,
    ]);
  });
}

/** `onebuild store gc` */
export async function collectGarbage(context: CliContext, flags: StoreGcFlags): Promise<void> {
  await asOwner(context, flags, async (home) => {
    const { clock, signal } = context;
    const dryRun = flags.dryRun === true;
    const result = await collectStore({
      home,
      clock,
      signal,
      dryRun,
      ...(flags.keepSize !== undefined && { keepBytes: parseBytes(flags.keepSize, '--keep-size') }),
      ...(flags.keepDays !== undefined && { keepDays: parseWhole(flags.keepDays, '--keep-days') }),
    });
    print(context, flags, result, () => [
      ...result.removed.map(({ kind, id, size }) => `${kind} ${id} ${formatBytes(size)}`),
      `${formatCount(result.removed.length, 'item')} (${formatBytes(result.removedSize)}) ` +
        `${dryRun ? 'would go' : 'removed'}, ${formatBytes(result.keptSize)} ${dryRun ? 'would stay' : 'kept'}`,
    ]);
  });
}

/** `onebuild store verify`: exits with 7 when something is damaged. */
export async function verify(context: CliContext, flags: StoreFlags): Promise<void> {
  await asOwner(context, flags, async (home) => {
    const { clock, signal } = context;
    const result = await verifyStore({ home, clock, signal });
    if (result.damaged.length > 0) context.exitCode = exitCodes.corrupt;
    print(context, flags, result, () => [
      ...result.damaged.map(({ kind, id, why }) => `damaged and removed: ${kind} ${id}: ${why}`),
      `${formatCount(result.checked, 'item')} checked, ${result.damaged.length} damaged`,
    ]);
  });
}

/** A plain user's store holds files of the user's subordinate ids: only root of the namespace may read and remove all. */
async function asOwner(
  context: CliContext,
  flags: StoreFlags,
  work: (home: string) => Promise<void>,
): Promise<void> {
  const home = findStoreHome(context, flags.home);
  checkDestination(home, 'the store (ONEBUILD_HOME or --home)', 'folder');
  if (findPrivilege(context) !== 'user') return await work(home);
  context.exitCode = await runInUserNamespace(context, { ONEBUILD_HOME: home });
}

function print(
  context: CliContext,
  { format }: StoreFlags,
  value: unknown,
  render: () => readonly string[],
): void {
  const text = format === 'json' ? JSON.stringify(value, null, 2) : render().join('\n');
  context.stdout.write(`${text}\n`);
}
