import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBusyboxRoot, requireProgram, temporaryFolder } from '@onebuild/testkit';
import { buildFiles } from '../operations/build-files.fixture.ts';

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

const listed = `FROM scratch
COPY root /
COPY sources /src
RUN find /src -type f -exec ls -lan {} + > /list && find /src -type d -exec stat -c "%n %a %u %Y" {} + >> /list
`;

function writeSources(context: string): void {
  makeBusyboxRoot(join(context, 'root'));
  mkdirSync(join(context, 'root/src/part-1'), { recursive: true });
  writeFileSync(join(context, 'root/src/part-1/below'), 'below');
  for (let at = 0; at < 600; at++) {
    const folder = join(context, `sources/part-${at % 6}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, String(at)), `text of ${at}`);
  }
}

const changes: Readonly<Record<string, { make: (sources: string) => void; whole: boolean }>> = {
  'another content': { make: (at) => writeFileSync(`${at}/part-3/3`, 'another'), whole: false },
  'a new file': { make: (at) => writeFileSync(`${at}/part-3/new`, 'new'), whole: false },
  'a file that went': { make: (at) => rmSync(`${at}/part-3/3`), whole: false },
  'a folder that went': { make: (at) => rmSync(`${at}/part-3`, { recursive: true }), whole: false },
  'a folder that went above one of the base': {
    make: (at) => rmSync(`${at}/part-1`, { recursive: true }),
    whole: true,
  },
};

test('a layer that hardly differs from an earlier one is made over that one, and a step sees no difference', async (t) => {
  requireProgram(t, 'crun', 'apt-get install crun');
  const scratch = temporaryFolder(t);
  const home = join(scratch, 'home');
  let context = '';
  const build = async (other: string) => {
    const options = { home: other, context: { type: 'folder', path: context } } as const;
    return readFileSync(join(await buildFiles(t, listed, options), 'list'), 'utf8');
  };
  for (const [name, { make, whole }] of Object.entries(changes)) {
    context = join(scratch, name);
    mkdirSync(context);
    writeSources(context);
    await build(home);
    make(join(context, 'sources'));
    const before = new Set(readdirSync(join(home, 'layers')));
    const quick = await build(home);
    const made = readdirSync(join(home, 'layers')).filter((layer) => !before.has(layer));
    const counts = made.map((layer) => readdirSync(join(home, 'layers', layer), { recursive: true }).length);
    assert.deepEqual(quick, await build(join(scratch, `fresh ${name}`)), name);
    assert.equal(Math.max(...counts) > 500, whole, `${name}: ${counts.join(' ')}`);
  }
});
