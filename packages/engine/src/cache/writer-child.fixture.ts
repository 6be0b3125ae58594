import { parseReference } from '@onebuild/oci';
import { createRegistryClient } from '@onebuild/registry/client';
import type { CacheLocation } from '../build-options.ts';
import { openPlace } from './open-place.ts';
import { addSample, sampleContents } from './sample-contents.fixture.ts';

/** Adds to a cache again and again, and says each time what is in it from then on: `node writer-child.fixture.ts WHERE NAME COUNT`. */
const [where = '', name = '', count = ''] = process.argv.slice(2);
const location: CacheLocation = where.startsWith('/')
  ? { type: 'local', path: where, tag: 'latest' }
  : { type: 'registry', reference: parseReference(where) };
const registry = createRegistryClient();
const place = openPlace(location, { registry, clock: Date.now });
for (let i = 0; i < Number(count); i++) {
  const sample = `${name} ${i}`;
  await addSample(place, sampleContents(sample));
  process.stdout.write(`${sample}\n`);
}
registry.close();
