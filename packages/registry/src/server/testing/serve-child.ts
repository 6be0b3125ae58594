/** A registry in a process of its own, for tests that kill it: `node serve-child.ts ROOT`. Prints its address. */
import { serveRegistry } from '../serve-registry.ts';

const registry = await serveRegistry({ root: process.argv[2] ?? '' });
process.stdout.write(`${registry.url}\n`);
