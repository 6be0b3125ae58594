// Makes the mistakes of packages/cli/test/error-recipes.ts and keeps what they print, for the pages in docs/errors.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { recipes } from '../packages/cli/test/error-recipes.ts';
import { provokeAll } from '../packages/cli/test/error-world.ts';

const provoked = await provokeAll(recipes);
const examples = Object.fromEntries(
  [...provoked].map(([code, { command, output }]) => [code, { command, output }]),
);
const file = fileURLToPath(new URL('../docs/errors/examples.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(examples, null, 2)}\n`);
