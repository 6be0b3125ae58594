import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPalette } from './palette.ts';
import { renderChecks } from './render-checks.ts';

test('what is there, what lacks, and the lines that mend it', () => {
  const lines = renderChecks(
    [
      { name: 'kernel', ok: true, needed: true, detail: 'Linux 6.1' },
      {
        name: 'unshare',
        ok: false,
        needed: true,
        detail: 'not installed',
        fix: 'apt-get install util-linux',
      },
      { name: 'crun', ok: false, needed: false, detail: 'not installed', fix: 'apt-get install crun' },
    ],
    { ok: false, palette: createPalette(false) },
  );
  assert.deepEqual(lines, [
    '   CHECK    FOUND',
    '✓  kernel   Linux 6.1',
    '✗  unshare  not installed',
    '-  crun     not installed',
    '',
    'Needed, run as root:',
    '  apt-get install util-linux',
    '',
    'Good to have, run as root:',
    '  apt-get install crun',
    '',
    'This machine cannot build yet.',
  ]);
});
