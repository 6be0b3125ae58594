import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type BuildOptions, build } from '@onebuild/engine';
import { requireProgram } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';
import { openBusyboxBench } from './busybox-bench.ts';

const dockerfile = (base: string) => `FROM ${base} AS one
WORKDIR /src
COPY . .
RUN mkdir -p /out/deep && cat a.txt > /out/a && ln /out/a /out/b && ln -s a /out/l && date > /tmp/now && rm /tmp/now && chown 5:6 /out/b
FROM ${base} AS two
ADD files.tar /unpacked/
RUN head -c 3000000 /dev/zero > /big && rm -r /etc/group && touch /etc/new
FROM ${base}
ARG SOURCE_DATE_EPOCH
ENV EPOCH=$SOURCE_DATE_EPOCH
COPY --from=one /out /out
COPY --link --from=two /big /unpacked /from-two/
RUN ls -lnR --full-time /out /from-two > /listing
CMD ["cat", "/out/a"]
`;

const bench = await openBusyboxBench();
const { scratch, registry, base } = bench;
after(() => bench.close());

describe('same inputs give the same digest', () => {
  let context: string;
  let count = 0;

  before(() => {
    context = join(scratch, 'context');
    mkdirSync(join(context, 'sub'), { recursive: true });
    writeFileSync(join(context, 'a.txt'), 'a\n');
    for (let i = 0; i < 50; i++) writeFileSync(join(context, 'sub', `file-${i}`), `${i}\n`);
    writeFileSync(join(context, 'Dockerfile'), dockerfile(base));
    execFileSync('tar', ['-C', context, '-cf', join(context, 'files.tar'), 'sub']);
  });

  async function digest(options: Partial<BuildOptions> = {}): Promise<string> {
    const home = options.home ?? join(scratch, `home-${count++}`);
    const result = await build(
      testBuildOptions({ context: { type: 'folder', path: context }, registry, ...options, home }),
    );
    const [image] = result.images;
    assert.ok(image);
    return image.digest;
  }

  it('cold, cached, without cache, with any number of jobs, in two stores, from two checkouts', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const home = join(scratch, 'first');
    const cold = await digest({ home, jobs: 8 });
    assert.equal(await digest({ home }), cold, 'cached');
    assert.equal(await digest({ home, noCache: true }), cold, 'without cache');
    assert.equal(await digest({ jobs: 1 }), cold, 'another store, one job');
    const checkout = join(scratch, 'checkout');
    cpSync(context, checkout, { recursive: true });
    for (const name of readdirSync(checkout)) utimesSync(join(checkout, name), 1e9, 1e9);
    const other = { type: 'folder', path: checkout } as const;
    assert.equal(await digest({ context: other, jobs: 8 }), cold, 'another checkout with other times');
    assert.equal(await digest({ context: other, home }), cold, 'another checkout, the first store');
  });

  it('another time or other content give another one', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const home = join(scratch, 'first');
    const plain = await digest({ home });
    const dated = await digest({ home, times: 1_700_000_000 });
    assert.notEqual(dated, plain);
    assert.equal(await digest({ times: 1_700_000_000 }), dated);
    writeFileSync(join(context, 'a.txt'), 'b\n');
    assert.notEqual(await digest({ home }), plain);
    writeFileSync(join(context, 'a.txt'), 'a\n');
    assert.equal(await digest({ home }), plain);
  });

  it('after a small change as from nothing: blobs and folders of the last build are used, and nobody sees it', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const home = join(scratch, 'changing');
    const path = join(scratch, 'many');
    for (let at = 0; at < 600; at++) {
      mkdirSync(join(path, `part-${at % 8}`), { recursive: true });
      writeFileSync(join(path, `part-${at % 8}`, `file-${at}`), `${at} `.repeat(900));
    }
    const steps = `FROM ${base}\nCOPY --chown=5:6 . /many\nRUN cat $(find /many -type f) > /all && find /many -type f -exec ls -ln {} + > /list`;
    const many: Partial<BuildOptions> = {
      context: { type: 'folder', path },
      dockerfile: { name: 'Dockerfile', text: steps },
    };
    for (const compression of ['gzip', 'zstd'] as const) {
      const outputs = [{ type: 'store', layers: { compression } }] as const;
      const made = new Set([await digest({ ...many, outputs, home })]);
      const changes: readonly (() => void)[] = [
        () => writeFileSync(join(path, 'part-3/file-3'), `changed for ${compression}`),
        () => writeFileSync(join(path, 'part-3/new'), `new for ${compression}`),
        () => rmSync(join(path, 'part-5'), { recursive: true, force: true }),
      ].slice(0, compression === 'gzip' ? 3 : 1);
      for (const [at, change] of changes.entries()) {
        change();
        const quick = await digest({ ...many, outputs, home });
        assert.equal(await digest({ ...many, outputs }), quick, `${compression}, change ${at}`);
        made.add(quick);
      }
      assert.equal(made.size, changes.length + 1);
    }
  });
});
