import { closeSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputs } from '../inputs/prepare-inputs.ts';
import { writeSourceTree } from '../inputs/write-source-tree.ts';
import type { BoxesRequest } from '../peers/builder.ts';
import { debians, pushDebians } from './push-base.ts';
import type { Bench } from './shape.ts';

/** No RUN: a box is a base, the program, its settings and a name. */
const dockerfile = `ARG REGISTRY
ARG BASE=debian
FROM \${REGISTRY}/base/\${BASE}:1
COPY app /usr/local/bin/app
COPY config /etc/app
ARG CUSTOMER
ENV CUSTOMER=\${CUSTOMER}
CMD ["app"]
`;

interface Box {
  readonly base: string;
  readonly customer: string;
}

/** That many boxes, whose bases take turns. */
export function listBoxes(count: number): Box[] {
  return Array.from({ length: count }, (_, at) => ({
    base: debians[at % debians.length] as string,
    customer: `customer-${at + 1}`,
  }));
}

/** Makes a folder with a program of 20 MB, 50 small files, and a bake file of so many boxes. */
export async function prepareBoxes(bench: Bench, name: string, count: number): Promise<string> {
  await pushDebians(bench);
  const folder = join(bench.run, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'app'),
    readStart(join(bench.work, inputs.engine, 'usr/bin/containerd'), 20_000_000),
  );
  writeSourceTree(join(folder, 'config'), { files: 50, seed: 'config' });
  writeFileSync(join(folder, 'Dockerfile'), dockerfile);
  writeFileSync(join(folder, 'docker-bake.hcl'), writeBakeFile(listBoxes(count)));
  return folder;
}

function writeBakeFile(boxes: readonly Box[]): string {
  const targets = boxes.map(
    ({ base, customer }) => `target "${customer}" {
  args = {
    REGISTRY = REGISTRY
    BASE = "${base}"
    CUSTOMER = "${customer}"
  }
  tags = ["\${REGISTRY}/\${IMAGES}/${customer}:1"]
}
`,
  );
  const names = boxes.map(({ customer }) => `"${customer}"`).join(', ');
  return `variable "REGISTRY" {}
variable "IMAGES" {}
group "default" {
  targets = [${names}]
}
${targets.join('')}`;
}

/** A real program's bytes, as they compress like those of programs. */
function readStart(file: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const handle = openSync(file, 'r');
  const read = readSync(handle, bytes, 0, length, 0);
  closeSync(handle);
  return bytes.subarray(0, read);
}

export function requestBoxes(
  { registry }: Bench,
  context: string,
  { images, count }: { readonly images: string; readonly count: number },
): BoxesRequest {
  const REGISTRY = registry.host;
  return {
    context,
    variables: { REGISTRY, IMAGES: images },
    boxes: listBoxes(count).map(({ base, customer }) => ({
      context,
      name: `${images}/${customer}:1`,
      args: { REGISTRY, BASE: base, CUSTOMER: customer },
    })),
  };
}
