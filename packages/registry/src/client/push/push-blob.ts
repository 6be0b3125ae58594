import type { ClientContext } from '../client-context.ts';
import type { Place } from '../place.ts';
import { hasBlobAt } from '../pull/has-blob.ts';
import type { PushBlob, PushedBlob, Repository, TransferOptions } from '../registry-client.ts';
import { createSingleFlight } from '../single-flight.ts';
import { mountBlob } from './mount-blob.ts';
import { uploadBlob } from './upload-blob.ts';
import type { UploadSession } from './upload-session.ts';

export type PushBlobOptions = TransferOptions & {
  readonly mountFrom?: readonly string[];
  readonly look?: boolean;
};

/** Pushes blobs of one client: equal ones that are asked for at the same time go over once. */
export function createPushBlob(context: ClientContext) {
  const share = createSingleFlight<PushedBlob>();
  const listeners = new Map<string, Set<(bytes: number) => void>>();

  return async (
    repository: Repository,
    blob: PushBlob,
    options: PushBlobOptions = {},
  ): Promise<PushedBlob> => {
    const key = `${repository.registry}/${repository.repository}@${blob.descriptor.digest}`;
    const audience = listeners.get(key) ?? new Set();
    listeners.set(key, audience);
    const listener = options.onProgress;
    if (listener !== undefined) audience.add(listener);
    const onProgress = (bytes: number) => {
      for (const listen of audience) listen(bytes);
    };
    let ours = false;
    try {
      const pushed = await share(key, options.signal, (signal) => {
        ours = true;
        return pushBlob(context, context.places.home(repository), blob, { ...options, signal, onProgress });
      });
      // whoever joined finds it there
      return ours ? pushed : { how: 'exists', sentBytes: 0 };
    } finally {
      if (listener !== undefined) audience.delete(listener);
      if (audience.size === 0) listeners.delete(key);
    }
  };
}

async function pushBlob(
  context: ClientContext,
  place: Place,
  blob: PushBlob,
  options: PushBlobOptions,
): Promise<PushedBlob> {
  const { digest } = blob.descriptor;
  const { signal } = options;
  let session: UploadSession | undefined;
  for (const from of new Set(options.mountFrom)) {
    if (place.prefix + from === place.repository) continue;
    const mounted = await mountBlob(context, place, digest, { signal, from: place.prefix + from });
    if (mounted === true) return { how: 'mounted', sentBytes: 0 };
    // an upload that the registry opened instead of a mount is as good as one that we open
    session = mounted ?? session;
  }
  const looks = options.look !== false;
  if (looks && (await hasBlobAt(context, place, digest, { signal, purpose: 'push' })))
    return { how: 'exists', sentBytes: 0 };
  const sentBytes = await uploadBlob(context, place, blob, { ...options, session });
  return { how: 'sent', sentBytes };
}
