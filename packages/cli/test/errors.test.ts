import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorCatalog } from '@onebuild/core';
import { requireBusybox, requireProgram } from '@onebuild/testkit';
import { exitCodes } from '../src/exit-code.ts';
import { recipes } from './error-recipes.ts';
import { provokeAll } from './error-world.ts';

test('mistakes print what docs/errors says; else look at it, and run: node scripts/provoke-errors.ts', async (t) => {
  if (!requireBusybox(t)) return;
  for (const program of ['crun', 'git', 'openssl']) {
    if (!requireProgram(t, program, `apt-get install ${program}`)) return;
  }
  const kept = JSON.parse(
    readFileSync(new URL('../../../docs/errors/examples.json', import.meta.url), 'utf8'),
  ) as Readonly<Record<string, { readonly command: string; readonly output: string }>>;
  for (const [name, { command, output, code }] of await provokeAll(recipes)) {
    const { kind } = errorCatalog[name as keyof typeof errorCatalog];
    assert.match(output, new RegExp(`^error ${name}: `, 'm'), command);
    assert.equal(code, exitCodes[kind], name);
    assert.doesNotMatch(output, /\n\s+at |\b(?:ENOENT|EACCES|EPERM|ENOSPC): |\bundefined\b|\[object/, name);
    assert.deepEqual({ command, output }, kept[name], name);
  }
});
