import type { SourceImage } from '../frontend/image-source.ts';
import type { Node, StepLabel } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';
import type { OperationServices } from './operation-services.ts';

/** FROM: the layers of an image. Nothing is fetched until an operation needs files. */
export function imageNode(services: OperationServices, image: SourceImage, label: StepLabel): Node<Snapshot> {
  return services.graph.node({
    kind: 'image',
    parameters: image.layers.map((layer) => layer.diffId),
    inputs: [],
    label,
    async run(context) {
      context.finished({ status: 'cached' });
      return { layers: image.layers.map((layer) => services.pool.base(layer)) };
    },
  });
}
