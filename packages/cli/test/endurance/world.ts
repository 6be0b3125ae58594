import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededBytes } from '@onebuild/testkit';
import { succeed } from '../start-command.ts';
import { assertTagsAreWhole } from '../whole-tags.ts';
import { openWorkbench, type Workbench } from '../workbench.ts';

/** Something to build, and what has to come out. */
export interface Project {
  readonly name: string;
  readonly context: string;
  /** What `build --quiet` prints: the digest of the config. */
  readonly imageId: string;
  /** Of the manifest. */
  readonly digest: string;
}

/** What all moments of a run share. */
export interface World {
  readonly bench: Workbench;
  readonly projects: readonly [Project, ...Project[]];
  /** A variable of all commands, handed on to all steps, that neither keys nor images depend on. */
  readonly mark: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds that `work` takes undisturbed; measured at the first time that something of this name is asked for. */
  duration(name: string, work: () => Promise<unknown>): Promise<number>;
  /** The same for anything that `measure` gives. */
  amount(name: string, measure: () => Promise<number>): Promise<number>;
  build(home: string, project: Project, more?: readonly string[]): Promise<string>;
  /** A store in which much was built, collected and killed before. */
  usedHome(): Promise<string>;
  close(): Promise<void>;
}

/** A command of a step that is killed fails the step: `set -e` in the loop, whose last round alone would count. */
const dockerfile = (base: string, source: string) => `FROM ${base} AS tools
RUN --mount=type=cache,target=/cache seq 40000 > /numbers && cp /numbers /cache/
FROM ${base}
ADD ${source} /fetched
COPY files /files
COPY --from=tools /numbers /numbers
RUN mkdir /made && cp -a /files /numbers /made/ && rm -r /files
RUN set -e; for n in 1 2 3; do sha256sum /made/files/big /made/numbers /fetched; done > /sums; true
`;

/** Moments that one store goes through before it is replaced. */
const maxUses = 40;

export async function openWorld(options: { readonly projects: number }): Promise<World> {
  const bench = await openWorkbench();
  const sources = await serveSources();
  const mark = `endurance-${process.pid}-${Date.now()}`;
  const env = { no_proxy: `127.0.0.1,${mark}` };
  const build: World['build'] = async (home, project, more = []) => {
    const args = ['build', '--quiet', ...more, project.context];
    return (await succeed(args, { home, env })).stdout.trim();
  };
  const projects: Project[] = [];
  for (const name of ['one', 'two', 'three'].slice(0, options.projects)) {
    const files = Array.from({ length: 60 }, (_, at) => [
      `files/${at % 7}/${at}`,
      `${name} ${at}\n`.repeat(500),
    ]);
    const context = bench.context({
      Dockerfile: dockerfile(bench.base, `${sources.url}/${name}`),
      'files/big': seededBytes(name, 1_500_000).toString('latin1'),
      ...(Object.fromEntries(files) as Record<string, string>),
    });
    const repository = `projects/${name}`;
    const project = { name, context, imageId: '', digest: '' };
    const names = ['-t', `${bench.registry.host}/${repository}:1`];
    const imageId = await build(bench.home(), project, ['--push', ...names]);
    const { 1: digest = '' } = await assertTagsAreWhole(bench.registry.url, repository);
    projects.push({ ...project, imageId, digest });
  }
  const amounts = new Map<string, number>();
  const amount: World['amount'] = async (name, measure) => {
    const found = amounts.get(name) ?? (await measure());
    amounts.set(name, found);
    return found;
  };
  let used: { readonly home: string; uses: number } | undefined;
  return {
    bench,
    projects: projects as [Project, ...Project[]],
    mark,
    env,
    build,
    duration: (name, work) =>
      amount(name, async () => {
        const start = performance.now();
        await work();
        return performance.now() - start;
      }),
    amount,
    async usedHome() {
      if (used === undefined || used.uses >= maxUses) {
        if (used !== undefined) rmSync(used.home, { recursive: true, force: true });
        used = { home: bench.home(), uses: 0 };
        for (const project of projects) await build(used.home, project);
      }
      used.uses++;
      return used.home;
    },
    async close() {
      await sources.close();
      await bench.close();
    },
  };
}

async function serveSources(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    response.end(seededBytes(request.url ?? '', 300_000));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
