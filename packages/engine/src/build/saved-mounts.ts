import type { Descriptor } from '@onebuild/oci';
import { unpackMountListing } from '../mount-cache/stored-listing.ts';
import type { Store } from '../store/store.ts';

/** How a mount was restored or saved last, on this machine. */
export interface SavedState {
  readonly listing: Descriptor;
  readonly packs: readonly Descriptor[];
  /** See `SavedMount.state`. */
  readonly state: string;
}

const kind = 'mount-state';

export async function rememberSaved(
  { blobs, db }: Store,
  name: string,
  saved: {
    readonly listing: { readonly descriptor: Descriptor; readonly blob: Uint8Array };
    readonly packs: readonly Descriptor[];
    readonly state: string;
  },
): Promise<void> {
  const { descriptor, blob } = saved.listing;
  const writer = await blobs.create();
  try {
    await writer.write(blob);
    await writer.commit(descriptor);
  } finally {
    await writer.abort();
  }
  const { packs, state } = saved;
  db.setFact(kind, name, JSON.stringify({ listing: descriptor, packs, state } satisfies SavedState));
}

/** The mount is as it was saved; this is how its files look now. */
export function updateState({ db }: Store, name: string, state: string): void {
  const text = db.fact(kind, name);
  if (text === undefined) return;
  const saved = JSON.parse(text) as SavedState;
  if (saved.state !== state) db.setFact(kind, name, JSON.stringify({ ...saved, state } satisfies SavedState));
}

/** What {@link rememberSaved} was told, with the listing unpacked; undefined where that is gone. */
export async function readSaved(
  { blobs, db }: Store,
  name: string,
): Promise<(SavedState & { readonly bytes: Uint8Array }) | undefined> {
  const text = db.fact(kind, name);
  if (text === undefined) return undefined;
  const saved = JSON.parse(text) as SavedState;
  if ((await blobs.size(saved.listing.digest)) === undefined) return undefined;
  return { ...saved, bytes: await unpackMountListing(await blobs.read(saved.listing.digest)) };
}
