import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { versionFile, writeProgram } from '../inputs/write-program.ts';
import { writeSourceTree } from '../inputs/write-source-tree.ts';
import type { BoxesRequest, Builder } from '../peers/builder.ts';
import { debians, pushDebians } from './push-base.ts';
import type { Bench, Shape } from './shape.ts';

/** The RUN of a box stands for the packages that a box installs: 2,000 files of the base, once more. */
const dockerfile = `ARG REGISTRY
ARG BASE=debian
FROM \${REGISTRY}/base/gcc:1 AS builder
COPY src /src
RUN gcc -O2 -o /app /src/*.c
FROM \${REGISTRY}/base/\${BASE}:1
COPY --from=builder /app /usr/local/bin/app
COPY config /etc/app
RUN mkdir /opt/tools && find /usr/share -type f | LC_ALL=C sort | head -n 2000 | xargs cp --parents -t /opt/tools
CMD ["app"]
`;

const bakeFile = `variable "REGISTRY" {}
variable "IMAGES" {}
group "default" {
  targets = ["app"]
}
target "app" {
  name = "app-\${base}"
  matrix = {
    base = [${debians.map((base) => `"${base}"`).join(', ')}]
  }
  args = {
    REGISTRY = REGISTRY
    BASE = base
  }
  tags = ["\${REGISTRY}/\${IMAGES}/\${base}:1"]
}
`;

async function prepare(bench: Bench): Promise<void> {
  await pushDebians(bench);
  writeApp(contextOf(bench));
}

/** The app with its Dockerfile, which stands on one of three bases, and the bake file for all. */
export function writeApp(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeProgram(join(folder, 'src'), { files: 24, functions: 26, seed: 'app' });
  writeSourceTree(join(folder, 'config'), { files: 50, seed: 'config' });
  writeFileSync(join(folder, 'Dockerfile'), dockerfile);
  writeFileSync(join(folder, 'docker-bake.hcl'), bakeFile);
}

/** Another version is another program. */
export function changeApp(folder: string, version: string): void {
  writeFileSync(join(folder, 'src', versionFile), `const char version[] = "${version}";\n`);
}

function contextOf({ run }: Bench): string {
  return join(run, 'three-variants');
}

function requestVariants(bench: Bench, images: string): BoxesRequest {
  const context = contextOf(bench);
  const REGISTRY = bench.registry.host;
  return {
    context,
    variables: { REGISTRY, IMAGES: images },
    boxes: debians.map((base) => ({ context, name: `${images}/${base}:1`, args: { REGISTRY, BASE: base } })),
  };
}

const warm = {
  peers: ['buildx'],
  cold: false,
  prepare,
  request: (bench: Bench, builder: Builder) => requestVariants(bench, `three-variants/${builder.name}`),
};

/** From nothing: four bases, the compiler once, three boxes. */
export const variantsCold: Shape = {
  name: 'three-variants-cold',
  title: 'one app for three bases, cold',
  target: 0.75,
  loopTarget: 0.3,
  peers: ['buildx', 'loop'],
  cold: true,
  pulls: 'base/gcc',
  prepare,
  request: (bench, builder, run) => requestVariants(bench, `three-variants-cold/${builder.name}-${run}`),
};

/** The program is another one, so all that comes after it runs again. */
export const variantsChange: Shape = {
  ...warm,
  name: 'three-variants-change',
  title: 'one app for three bases, a source changed',
  target: 0.75,
  before(bench, run) {
    changeApp(contextOf(bench), `${run} ${Date.now()}`);
  },
};

export const variantsUnchanged: Shape = {
  ...warm,
  name: 'three-variants-unchanged',
  title: 'one app for three bases, nothing changed',
};
