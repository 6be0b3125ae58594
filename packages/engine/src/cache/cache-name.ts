import { formatReference } from '@onebuild/oci';
import type { CacheLocation } from '../build-options.ts';
import { layoutName } from './layout-name.ts';

/** How messages call the cache at a location. */
export function cacheName(location: CacheLocation): string {
  return location.type === 'local'
    ? layoutName(location.path, location.tag)
    : formatReference(location.reference);
}
