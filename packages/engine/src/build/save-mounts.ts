import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CachePlace } from '../cache/cache-place.ts';
import type { CacheContents, CacheRecord, MountSnapshotRecord } from '../cache/cache-record.ts';
import { mountFacts } from '../freshness/mount-facts.ts';
import { type SavedMount, saveMount } from '../mount-cache/save-mount.ts';
import { readSecret } from '../operations/read-secret.ts';
import type { SaveMountsOptions } from '../operations/travelling-mounts.ts';
import { isOwnerAlive } from '../store/process-owner.ts';
import { readSaved, rememberSaved, updateState } from './saved-mounts.ts';
import type { TravellingMountsOptions, UsedMount } from './mount-travel.ts';

export interface SaveMountsJob extends SaveMountsOptions {
  readonly place: CachePlace;
  readonly used: ReadonlyMap<string, UsedMount>;
  /** Names of all mounts that steps of the build have. */
  readonly seen: ReadonlySet<string>;
}

type MountRecords = Pick<CacheContents, 'records' | 'blobs'>;

const dayMs = 86_400_000;
/** Milliseconds that a mount which somebody else holds is waited for. */
const patienceMs = 10_000;

/** Puts snapshots of the mounts that were used into a cache; those that steps have and did not need stay as they are there. */
export async function saveMounts(
  job: SaveMountsJob,
  options: TravellingMountsOptions,
): Promise<MountRecords | undefined> {
  if (!job.target.mounts) return undefined;
  const secrets = await readSecrets(options);
  const day = Math.floor(options.clock() / dayMs);
  const records: CacheRecord[] = [];
  const blobs = new Map<MountSnapshotRecord['blob'], NonNullable<ReturnType<MountRecords['blobs']['get']>>>();
  const keep = (made: MountRecords | undefined): void => {
    records.push(...(made?.records ?? []));
    for (const [digest, descriptor] of made?.blobs ?? []) blobs.set(digest, descriptor);
  };
  for (const name of job.seen) if (!job.used.has(name)) keep(stillThere(job, { name, day }));
  for (const [name, mount] of job.used) {
    keep(await whileHeld(name, mount, options, () => saveOne({ name, mount, secrets, day }, job, options)));
  }
  return { records, blobs };
}

function knownRecord({ known }: SaveMountsJob, name: string): MountSnapshotRecord | undefined {
  return known?.records.find(
    (record): record is MountSnapshotRecord => record.kind === 'mount' && record.key === name,
  );
}

/** The record that the cache has, as used today. */
function stillThere(
  job: SaveMountsJob,
  { name, day }: { readonly name: string; readonly day: number },
): MountRecords | undefined {
  const record = knownRecord(job, name);
  if (record === undefined) return undefined;
  const digests = [record.blob, ...record.packs];
  const blobs = digests.flatMap((digest) => {
    const descriptor = job.known?.blobs.get(digest);
    return descriptor === undefined ? [] : [[digest, descriptor] as const];
  });
  return blobs.length < digests.length
    ? undefined
    : { records: [{ ...record, used: day }], blobs: new Map(blobs) };
}

interface MountJob {
  readonly name: string;
  readonly mount: UsedMount;
  readonly secrets: readonly Uint8Array[];
  readonly day: number;
}

async function saveOne(
  { name, mount, secrets, day }: MountJob,
  job: SaveMountsJob,
  { store, costs, signal, emit, clock }: TravellingMountsOptions,
): Promise<MountRecords | undefined> {
  const { place, target, known, onSent } = job;
  const { id } = mount;
  // the cache may have lost the mount, or be another one than last time
  const record = knownRecord(job, name);
  const before = record === undefined ? undefined : await readSaved(store, name);
  const packs = before?.packs.filter(({ digest }) => known?.blobs.has(digest)) ?? [];
  let leftOut: readonly string[] = [];
  const saved = await saveMount({
    folder: join(store.mountsDir, name),
    ...(before !== undefined && { before: { listing: before.bytes, state: before.state } }),
    packs: new Map(packs.map((pack) => [pack.digest, pack])),
    put: async (blob) => {
      const pushed = await place.put(blob, { signal });
      onSent(pushed.sentBytes);
      return pushed;
    },
    secrets,
    ...(target.mountSize !== undefined && { maxSize: target.mountSize }),
    facts: () => mountFacts(store.db, name),
    day,
    signal,
    onUnchanged: (found) => {
      leftOut = found.leftOut;
      updateState(store, name, found.state);
    },
  });
  if (saved !== 'unchanged') leftOut = saved.leftOut;
  if (leftOut.length > 0) emit(leftOutWarning(id, leftOut));
  if (saved === 'unchanged') return stillThere(job, { name, day });
  await keepState(saved, { store, name });
  const restored = costs.mounts.findIndex((report) => report.id === id);
  const report = { ...costs.mounts[restored], id, sentBytes: saved.sentBytes, size: saved.bytes };
  if (restored < 0) costs.mounts.push(report);
  else costs.mounts[restored] = report;
  const made: MountSnapshotRecord = {
    kind: 'mount',
    key: name,
    id,
    blob: saved.listing.descriptor.digest,
    packs: saved.packs.map(({ digest }) => digest),
    // later than what it stands on, also within one second
    at: Math.max(Math.floor(clock() / 1000), (record?.at ?? -1) + 1),
    bytes: saved.bytes,
    used: day,
  };
  const all = [saved.listing.descriptor, ...saved.packs];
  return { records: [made], blobs: new Map(all.map((one) => [one.digest, one])) };
}

async function keepState(
  { listing, packs, state }: SavedMount,
  { store, name }: Pick<TravellingMountsOptions, 'store'> & { readonly name: string },
): Promise<void> {
  await rememberSaved(store, name, { listing, packs, state });
}

function leftOutWarning(id: string, paths: readonly string[]) {
  const shown = paths.slice(0, 5).map((path) => JSON.stringify(path));
  const more = paths.length > shown.length ? ` and ${paths.length - shown.length} more` : '';
  return {
    type: 'warning',
    rule: 'CacheMountLeftOut',
    message: `cache mount ${id} is saved without ${shown.join(', ')}${more}: a secret is in them, or they changed while they were read`,
  } as const;
}

/** Others may hold a mount that is not shared; what cannot be had in time is saved by them or another time. */
async function whileHeld<T>(
  name: string,
  { sharing }: UsedMount,
  { store, signal }: TravellingMountsOptions,
  work: () => Promise<T>,
): Promise<T | undefined> {
  if (sharing === 'shared') return work();
  const [lock, owner] = [`mount:${name}`, `${store.owner}:${randomUUID()}`];
  const until = performance.now() + patienceMs;
  while (!store.db.tryLock(lock, owner, isOwnerAlive)) {
    if (performance.now() > until) return undefined;
    await sleep(100, undefined, { signal });
  }
  try {
    return await work();
  } finally {
    store.db.unlock(lock, owner);
  }
}

/** With and without the line break at the end that files have and variables don't. */
async function readSecrets({ secrets }: TravellingMountsOptions): Promise<readonly Uint8Array[]> {
  const all = secrets.flatMap((one) => Object.entries(one));
  const contents = await Promise.all(
    all.map(async ([id, source]) => readSecret(id, source).catch(() => new Uint8Array())),
  );
  return contents.flatMap((bytes) => [bytes, Buffer.from(Buffer.from(bytes).toString('utf8').trim())]);
}
