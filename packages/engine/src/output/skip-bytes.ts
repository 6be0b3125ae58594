/** The stream from `offset` on; uploads that are taken up again are rare, so what is before is read and dropped. */
export async function* skipBytes(
  source: AsyncIterable<Uint8Array>,
  offset: number,
): AsyncGenerator<Uint8Array> {
  let rest = offset;
  for await (const chunk of source) {
    if (chunk.byteLength <= rest) rest -= chunk.byteLength;
    else {
      yield rest === 0 ? chunk : chunk.subarray(rest);
      rest = 0;
    }
  }
}
