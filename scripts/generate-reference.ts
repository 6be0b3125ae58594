import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderJsonSchema } from '../packages/project/src/index.ts';
import { renderCommands } from './reference/render-commands.ts';
import { renderErrors } from './reference/render-errors.ts';
import { renderLint } from './reference/render-lint.ts';

/** The pages under docs that are made from the code, by path, as they have to be. */
export function renderReference(): Readonly<Record<string, string>> {
  const errors = Object.entries(renderErrors()).map(([name, text]) => [`errors/${name}`, text]);
  const rules = Object.entries(renderLint()).map(([name, text]) => [`lint/${name}`, text]);
  return {
    'reference/cli.md': renderCommands(),
    'reference/onebuild.schema.json': renderJsonSchema(),
    ...Object.fromEntries([...errors, ...rules]),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = fileURLToPath(new URL('../docs', import.meta.url));
  for (const [name, text] of Object.entries(renderReference())) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
