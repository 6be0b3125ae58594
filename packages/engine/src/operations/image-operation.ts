import type { SourceImage } from '../frontend/image-source.ts';
import { reachable } from '../graph/graph.ts';
import type { Node, StepLabel } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';
import type { OperationServices } from './operation-services.ts';

/** FROM: the layers of an image. Nothing is fetched until an operation needs files. */
export function imageNode(
  services: Pick<OperationServices, 'graph'> & { readonly pool: Pick<OperationServices['pool'], 'base'> },
  image: SourceImage,
  label: StepLabel,
): Node<Snapshot> {
  const node = services.graph.node({
    kind: 'image',
    parameters: image.layers.map((layer) => layer.diffId),
    inputs: [],
    label,
    async run(context) {
      context.finished({ status: 'cached' });
      return { layers: image.layers.map((layer) => services.pool.base(layer)) };
    },
  });
  images.set(node, image);
  return node;
}

const images = new WeakMap<Node<unknown>, SourceImage>();

/** The image that a stage's files started from; undefined: from none. */
export function baseOf(top: Node<unknown>): SourceImage | undefined {
  for (let node: Node<unknown> | undefined = top; node !== undefined; node = node.inputs[0]) {
    const image = images.get(node);
    if (image !== undefined) return image;
  }
  return undefined;
}

/** Tells which base layers steps will run on. */
export function expectRuns(services: OperationServices, nodes: Iterable<Node<unknown>>): void {
  services.basesAhead.know(nodes);
  const runs = [...nodes].filter((node) => node.kind === 'exec');
  for (const node of reachable(runs)) {
    for (const layer of images.get(node)?.layers ?? []) services.pool.expectRun(layer);
  }
}
