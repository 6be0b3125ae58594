import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededNumbers } from '@onebuild/testkit';
import type { BuilderPlace } from '../peers/builder.ts';
import { pushBusybox } from '../shapes/push-base.ts';
import type { Bench } from '../shapes/shape.ts';
import { type CacheReport, buildReported } from './build-reported.ts';
import type { CacheMountRun, CacheMounts } from './results.ts';

/** 50 MB, of which half do not compress and half do; one hundredth is new each time. */
const kinds: Readonly<
  Record<string, { readonly fill: string; readonly change: (random: () => number) => string }>
> = {
  'of 1,000 files, 10 new ones for old ones': {
    fill: 'for at in $(seq 1000); do part 25000 >/cache/file-$at; done',
    change: (random) => {
      const files = Array.from({ length: 10 }, () => 1 + Math.floor(random() * 1000));
      return `for at in ${files.join(' ')}; do rm /cache/file-$at; part 25000 >/cache/new-$at-$$; done`;
    },
  },
  'of one file, two places in it changed': {
    fill: 'for at in $(seq 50); do part 500000; done >/cache/file',
    change: (random) => {
      const places = Array.from({ length: 2 }, () => Math.floor(random() * 199));
      const write = 'part 125000 | dd of=/cache/file bs=250000 count=1 iflag=fullblock conv=notrunc';
      return places.map((place) => `${write} seek=${place}`).join('\n');
    },
  },
};

const part = 'part() { head -c $1 /dev/urandom; yes some text | head -c $1; }';

/** Workers one after the other that start with an empty store: each restores the folder, changes it, and saves it. */
export async function measureCacheMount(bench: Bench, place: BuilderPlace): Promise<CacheMounts> {
  console.log('bench: cache-mount');
  await pushBusybox(bench);
  const date = new Date().toISOString();
  const random = seededNumbers('cache-mount');
  const runs: CacheMountRun[] = [];
  let count = 0;
  for (const [kind, { fill, change }] of Object.entries(kinds)) {
    const name = `cache-mount-${count}`;
    const context = join(bench.run, name);
    mkdirSync(context, { recursive: true });
    const build = async (script: string): Promise<CacheReport> => {
      writeFileSync(join(context, 'work'), `set -e\n${part}\n${script}\n`);
      writeFileSync(
        join(context, 'Dockerfile'),
        `FROM ${bench.registry.host}/base/busybox:1\nCOPY work /work\nRUN --mount=type=cache,target=/cache sh /work\n`,
      );
      const cache = `${name}/onebuild:cache`;
      const request = {
        context,
        name: `${name}/onebuild:1`,
        cacheFrom: cache,
        cacheTo: cache,
        cacheMounts: true,
      };
      return await buildReported(place, { home: join(place.run, `mount-${count++}`), request });
    };
    await build(fill);
    for (let round = 0; round < 3; round++) {
      const { mounts, exportMs, restoreMs } = await build(change(random));
      const [mount, ...others] = mounts;
      if (mount === undefined || others.length > 0) throw new Error('cache-mount: not one mount travelled');
      const { size, fetchedBytes = 0, sentBytes = 0 } = mount;
      console.log(`bench:   ${kind}: ${size} bytes, ${fetchedBytes} fetched, ${sentBytes} sent`);
      runs.push({ kind, size, fetched: fetchedBytes, sent: sentBytes, exportMs, restoreMs });
    }
  }
  return { date, runs };
}
