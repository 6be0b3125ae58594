import { isFault } from '@onebuild/core';
import type { ClientContext } from '../client-context.ts';
import type { Place } from '../place.ts';
import type { Repository } from '../registry-client.ts';

/** Asks the mirrors in turn, then the registry itself, whose fault is the one that counts. */
export async function askPlaces<T>(
  context: ClientContext,
  repository: Repository,
  ask: (place: Place) => Promise<T>,
): Promise<T> {
  const places = context.places.forPull(repository);
  const home = places.at(-1) ?? context.places.home(repository);
  for (const mirror of places.slice(0, -1)) {
    try {
      return await ask(mirror);
    } catch (error) {
      if (isFault(error, 'CANCELED')) throw error;
      noteFailure(context, mirror, error);
    }
  }
  return await ask(home);
}

/** A mirror that lacks something is still a mirror; one that cannot be reached only costs time. */
export function noteFailure(context: ClientContext, mirror: Place, error: unknown): void {
  if (isFault(error, 'REGISTRY_UNREACHABLE', 'REGISTRY_UNAVAILABLE', 'REGISTRY_TLS', 'REGISTRY_PROTOCOL')) {
    context.places.avoid(mirror);
  }
}
