import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBusyboxRoot, requireProgram } from '@onebuild/testkit';
import { buildFiles } from './build-files.fixture.ts';

const dockerfile = `FROM scratch
COPY . /
COPY --link bin/busybox /twice/
RUN rm /twice/busybox && touch /twice/kept
COPY --link bin/busybox /twice/
RUN ls /twice > /list
`;

test('the same layer may stand in a stack twice', async (t) => {
  requireProgram(t, 'crun', 'apt-get install crun');
  const files = await buildFiles(t, dockerfile, { fill: makeBusyboxRoot, times: 'preserve' });
  assert.deepEqual(readdirSync(join(files, 'twice')), ['busybox', 'kept']);
});
