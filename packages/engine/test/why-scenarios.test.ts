import assert from 'node:assert/strict';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { buildAll, collectStore } from '@onebuild/engine';
import { parsePlatform, parseReference } from '@onebuild/oci';
import { requireProgram } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';
import { createBuiltProject } from './built-project.ts';
import { openBusyboxBench } from './busybox-bench.ts';

const bench = await openBusyboxBench();
const { scratch, host, registry, base } = bench;
after(() => bench.close());

describe('why a step ran, as a user changes things', () => {
  const project = (files: Readonly<Record<string, string>>) =>
    createBuiltProject(scratch, { files, registry });
  const needsCrun = (t: Parameters<typeof requireProgram>[0]) =>
    requireProgram(t, 'crun', 'apt-get install crun');

  it('files: changed, several, gone, left out by .dockerignore, other modes', async () => {
    const { write, whys, context } = project({ 'src/a': '1', 'src/b': '1', 'src/c': '1' });
    const copy = 'COPY src /src';
    const why = async () => (await whys(`FROM scratch\n${copy}\n`))[copy];
    assert.equal(await why(), undefined);
    write('src/a', '2');
    assert.equal(await why(), 'file src/a changed');
    write('src/a', '3');
    write('src/b', '3');
    rmSync(join(context, 'src/c'));
    assert.equal(await why(), 'file src/a changed, and 2 more');
    rmSync(join(context, 'src/b'));
    assert.equal(await why(), 'file src/b is not in the context any more');
    write('src/d', '1');
    assert.equal(await why(), 'file src/d is new');
    write('.dockerignore', 'src/d\n');
    assert.equal(await why(), undefined, 'it was built without the file before');
    write('src/e', '1');
    await why();
    write('.dockerignore', 'src/d\nsrc/e\n');
    write('src/a', '4');
    assert.equal(await why(), 'file src/a changed');
    chmodSync(join(context, 'src/a'), 0o755);
    assert.equal(await why(), 'mode of file src/a changed from 0644 to 0755');
  });

  it('of very many files only that one changed', async () => {
    const { write, whys } = project(
      Object.fromEntries(Array.from({ length: 2100 }, (_, at) => [`src/f${at}`, ''])),
    );
    const copy = 'COPY src /src';
    await whys(`FROM scratch\n${copy}\n`);
    write('src/f7', 'new');
    assert.equal((await whys(`FROM scratch\n${copy}\n`))[copy], 'one of the files in src changed');
  });

  it('variables: with their values where these are harmless', async (t) => {
    needsCrun(t);
    const { whys } = project({});
    const run = 'RUN true > /made';
    const text = (env: string) =>
      `FROM ${base}\nARG VERSION=1\nARG API_TOKEN=x\nENV MODE=fast\n${env}${run}\n`;
    const why = async (buildArgs: Readonly<Record<string, string>>, env = '') =>
      (await whys(text(env), { buildArgs }))[run];
    await why({});
    assert.equal(await why({ VERSION: '2' }), 'ARG VERSION changed from 1 to 2');
    assert.equal(await why({ VERSION: '2', API_TOKEN: 'tell-nobody' }), 'ARG API_TOKEN changed');
    assert.equal(await why({ VERSION: 'two words' }), 'ARG VERSION changed');
    assert.equal(await why({}, 'ENV MODE=slow\n'), 'ENV MODE changed from fast to slow');
    assert.equal(await why({}, 'ENV OTHER=1\n'), 'ENV OTHER is new');
    assert.equal(await why({}, 'WORKDIR /tmp\n'), 'WORKDIR changed');
  });

  it('instructions: a new one, one less, another result of one that runs anew', async (t) => {
    needsCrun(t);
    const { whys } = project({});
    const [one, two, three] = [
      'RUN cat /proc/sys/kernel/random/uuid > /one',
      'RUN true > /two',
      'RUN true > /three',
    ];
    const lines = (...runs: readonly string[]) => [`FROM ${base}`, ...runs, ''].join('\n');
    await whys(lines(one, three));
    assert.deepEqual(await whys(lines(one, two, three)), {
      [one]: undefined,
      [two]: 'the instruction changed',
      [three]: `${two}: the instruction changed`,
    });
    const four = 'RUN true > /four';
    assert.equal((await whys(lines(one, two, three, four)))[four], 'it was never built here');
    assert.equal((await whys(lines(two, three)))[two], 'a step before it is gone');
    await whys(lines(one, two));
    const anew = await whys(lines(one, two), { noCache: true });
    assert.equal(anew[one], 'asked to run anew');
    assert.equal(anew[two], `${one}: made something else than before`);
  });

  it('an effect that stops half-way is not taken for the reason of what comes later', async (t) => {
    needsCrun(t);
    const { write, whys } = project({ a: '1', b: '1' });
    const [copyA, same, copyB, last] = ['COPY a /tmp/', 'RUN rm /tmp/a', 'COPY b /', 'RUN cat /b > /c'];
    const text = `FROM ${base}\n${copyA}\n${same}\n${copyB}\n${last}\n`;
    await whys(text);
    write('b', '2');
    assert.equal((await whys(text))[last], `${copyB}: file b changed`);
  });

  it('a secret is never a reason, and in no record', async (t) => {
    needsCrun(t);
    const { outcomes, home } = project({});
    const run = 'RUN --mount=type=secret,id=key cat /run/secrets/key > /dev/null; true > /made';
    const built = async (value: string, buildArgs = {}) =>
      (
        await outcomes(`FROM ${base}\nARG V\n${run}\n`, {
          secrets: { key: { type: 'value', value } },
          buildArgs,
        })
      )[run];
    await built('first-secret-value');
    assert.deepEqual(await built('second-secret-value'), { status: 'cached' });
    const leaked = await built('third-secret-value', { V: 'third-secret-value' });
    assert.equal(leaked?.why, 'ARG V is new');
    const db = new DatabaseSync(join(home, 'cache.db'), { readOnly: true });
    const facts = JSON.stringify(db.prepare('SELECT * FROM facts').all());
    db.close();
    assert.doesNotMatch(facts, /-secret-value/);
  });

  it('no cache asked, a result that was collected, a branch and back', async (t) => {
    needsCrun(t);
    const { write, outcomes, home } = project({ 'src/a': 'main' });
    const [copy, run] = ['COPY src /src', 'RUN cat /src/a > /made'];
    const text = `FROM ${base}\n${copy}\n${run}\n`;
    await outcomes(text);
    assert.deepEqual((await outcomes(text, { noCache: true }))[run], {
      status: 'done',
      why: 'asked to run anew',
    });
    write('src/a', 'branch');
    write('src/b', 'branch');
    await outcomes(text);
    write('src/a', 'main');
    rmSync(join(home, '../context/src/b'));
    assert.deepEqual(await outcomes(text), { [copy]: { status: 'cached' }, [run]: { status: 'cached' } });
    write('src/a', 'branch');
    write('src/b', 'branch, and more');
    const closest = await outcomes(text);
    assert.equal(closest[copy]?.why, 'file src/b changed', 'the branch is closer than what was built last');
    assert.equal(closest[run]?.why, `${copy}: file src/b changed`);
    await collectStore({ home, clock: Date.now });
    assert.equal((await outcomes(text))[run]?.why, 'its result is not in the store any more');
  });

  it('a base that moved, and one of another platform', async (t) => {
    needsCrun(t);
    const { outcomes, whys } = project({});
    const name = `${host}/base/moving:1`;
    const publish = async (text: string) => {
      const options = testBuildOptions({
        home: join(scratch, 'publisher'),
        context: { type: 'folder', path: scratch },
        dockerfile: { name: 'Dockerfile', text: `FROM ${base}\nCOPY <<EOF /file\n${text}\nEOF\n` },
        platforms: ['linux/amd64', 'linux/arm64'].map((platform) => parsePlatform(platform)),
        outputs: [{ type: 'push', names: [parseReference(name)] }],
        registry,
      });
      await buildAll({ ...options, targets: [{ ...options, name: '' }] });
    };
    await publish('1');
    const [copy, run] = ['COPY <<EOF /own', 'RUN true > /made'];
    const text = `FROM ${name}\n${run}\n`;
    const box = `FROM ${name}\n${copy}\nown\nEOF\n`;
    await whys(text);
    await whys(box);
    await publish('2');
    const digests = /^base moved from sha256:[0-9a-f]{12} to sha256:[0-9a-f]{12}$/;
    assert.match((await whys(text))[run] ?? '', digests);
    const other = { platforms: [parsePlatform('linux/arm64')] };
    const found = await outcomes(box, other).then((steps) => Object.values(steps)[0]);
    assert.equal(found?.why, 'never built for linux/arm64 here');
  });

  it('does not hang on which target asked first', async (t) => {
    needsCrun(t);
    const { write, home, context } = project({ 'src/a': '1' });
    const [copy, run] = ['COPY src /src', 'RUN cat /src/a > /made'];
    const text = (label: string) => `FROM ${base}\n${copy}\n${run}\nLABEL of=${label}\n`;
    const built = async (...names: readonly string[]) => {
      const plain = testBuildOptions({ home, context: { type: 'folder', path: context }, registry });
      const targets = names.map((name) => ({
        ...plain,
        name,
        dockerfile: { name: `Dockerfile.${name}`, text: text(name) },
      }));
      await buildAll({ ...plain, targets });
      return plain.events.flatMap((event) =>
        event.type === 'step.finished' && event.why !== undefined ? [event.why] : [],
      );
    };
    assert.deepEqual(await built('a', 'b'), []);
    write('src/a', '2');
    assert.deepEqual(await built('b'), ['file src/a changed', `${copy}: file src/a changed`]);
    write('src/a', '3');
    assert.deepEqual(await built('b', 'a'), ['file src/a changed', `${copy}: file src/a changed`]);
    assert.deepEqual(await built('c'), [], 'cached: another target made it');
    assert.equal(readFileSync(join(context, 'src/a'), 'utf8'), '3');
  });

  it('a step that failed says why it ran, and its next try is compared with what went well', async (t) => {
    needsCrun(t);
    const { write, outcomes } = project({ a: 'good', b: '1' });
    const run = 'RUN grep -q good /a && cat /b > /made';
    const text = `FROM ${base}\nCOPY a b /\n${run}\n`;
    await outcomes(text);
    write('a', 'bad');
    await assert.rejects(outcomes(text), { code: 'STEP_FAILED' });
    write('a', 'good');
    write('b', '2');
    assert.equal((await outcomes(text))[run]?.why, 'COPY a b /: file b changed');
  });
});
