import { toJsonSchema } from '@valibot/to-json-schema';
import { projectFileParts, projectFileSchema } from '../../packages/project/src/index.ts';

/** The JSON schema of `onebuild.yaml`, for editors: made from what checks the file itself. */
export function renderSchema(): string {
  const { $schema, ...schema } = toJsonSchema(projectFileSchema, {
    typeMode: 'input',
    definitions: projectFileParts,
  });
  const described = {
    $schema,
    ...schema,
    // keys for anchors and other programs
    patternProperties: { '^x-': {} },
  };
  return `${JSON.stringify(described, null, 2)}\n`;
}
