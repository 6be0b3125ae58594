import { fault } from '@onebuild/core';

/**
 * All bytes of a stream.
 * @throws USAGE where they are more than `limit`; `what` names them, as the start of a sentence
 */
export async function readAll(
  stream: AsyncIterable<Uint8Array | string>,
  limit: number,
  what: string,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > limit) throw fault('USAGE', `${what} is larger than ${limit} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
