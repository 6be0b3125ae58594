import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  atMatch,
  type FaultProxy,
  requireBusybox,
  requireProgram,
  type Skips,
  startFaultProxy,
} from '@onebuild/testkit';
import { tempOf } from './leftovers.ts';
import { runCommand, succeed } from './start-command.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

describe("a base's layer that comes damaged", () => {
  let bench: Workbench;
  let proxy: FaultProxy;
  let layer: string;

  before(async () => {
    bench = await openWorkbench();
    proxy = await startFaultProxy(bench.registry.host);
    const manifest = await fetch(`${bench.registry.url}/v2/base/busybox/manifests/1`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    const { layers } = (await manifest.json()) as { readonly layers: readonly { readonly digest: string }[] };
    layer = layers[0]?.digest ?? '';
  });
  after(async () => {
    await proxy.close();
    await bench.close();
  });

  function ready(t: Skips): boolean {
    return requireBusybox(t) && requireProgram(t, 'crun', 'apt-get install crun');
  }

  const garble = (times: number) =>
    proxy.play(atMatch(new RegExp(`^GET .*${layer}$`), { do: 'garble' }, times));
  const askedFor = () => proxy.seen.filter(({ url }) => url.endsWith(layer)).length;

  for (const [purpose, step] of [
    ['unpacked', 'RUN echo x > /x'],
    ['listed', 'COPY Dockerfile /bin/'],
  ] as const) {
    const context = () => bench.context({ Dockerfile: `FROM ${proxy.host}/base/busybox:1\n${step}\n` });

    it(`to be ${purpose}: is fetched again`, async (t) => {
      if (!ready(t)) return;
      const folder = context();
      proxy.play();
      const undisturbed = (await succeed(['build', '--quiet', folder], { home: bench.home() })).stdout;
      const home = bench.home();
      garble(2);
      assert.equal((await succeed(['build', '--quiet', folder], { home })).stdout, undisturbed);
      assert.equal(askedFor(), 3);
      assert.match((await succeed(['store', 'verify'], { home })).stdout, / 0 damaged$/m);
    });

    it(`to be ${purpose}: damaged each time, ends in one error that names it`, async (t) => {
      if (!ready(t)) return;
      const home = bench.home();
      garble(Number.POSITIVE_INFINITY);
      const { code, stderr } = await runCommand(['build', '--quiet', context()], { home });
      assert.equal(code, 7, stderr);
      const line = /^error DIGEST_MISMATCH: .*$/m.exec(stderr)?.[0] ?? '';
      assert.ok(line.includes(`layer ${layer} of ${proxy.host}/base/busybox`), stderr);
      assert.equal(stderr.split(/^error /m).length, 2, stderr);
      assert.equal(askedFor(), 3);
      assert.deepEqual(tempOf(home), []);
    });
  }
});
