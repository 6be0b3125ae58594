/** As `Promise.all`, but a failure comes out only when all have ended: nothing goes on behind the back of a build that is over. */
export async function allEnded<T extends readonly unknown[] | []>(
  values: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  await Promise.allSettled(values);
  return Promise.all(values);
}
