import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBusyboxRoot, requireProgram, temporaryFolder } from '@onebuild/testkit';
import { buildFiles } from '../src/operations/build-files.fixture.ts';

/** Builds again and again in one store: what the command found in its mounts. */
test('a cache mount that is filled from a stage: another content is another mount, and no earlier result', async (t) => {
  if (!requireProgram(t, 'crun', 'apt-get install crun')) return;
  const scratch = temporaryFolder(t);
  const context = join(scratch, 'context');
  mkdirSync(join(context, 'seed'), { recursive: true });
  makeBusyboxRoot(join(context, 'root'));
  const seed = (text: string) => writeFileSync(join(context, 'seed', 'file'), text);
  const make = async (mount: string) => {
    const files = await buildFiles(
      t,
      `FROM scratch AS seed
COPY seed /seed
FROM scratch AS work
COPY root /
RUN --mount=type=cache,id=c,target=/whole,from=seed --mount=type=cache,id=c,target=/c,${mount} \\
  cat /c/* > /found; cat /whole/seed/file >> /found; echo -mine >> /c/file
FROM scratch
COPY --from=work /found /
`,
      { home: join(scratch, 'home'), context: { type: 'folder', path: context } },
    );
    return readFileSync(join(files, 'found'), 'utf8');
  };
  for (const mount of ['from=seed,source=/seed', 'from=seed,source=/seed,sharing=locked']) {
    seed('one');
    const one = await make(mount);
    assert.match(one, /^one.*one$/s);
    seed('two');
    assert.match(await make(mount), /^two.*two$/s);
    seed('one');
    assert.equal(await make(mount), one, 'the result of the first time');
  }
});
