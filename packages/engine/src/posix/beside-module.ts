/**
 * The address of a program that lies beside a module and has its extension: `.ts` among the sources, `.cjs` in the bundle.
 * @param name relative to the module, without extension
 */
export function besideModule(name: string, moduleUrl: string): URL {
  const extension = moduleUrl.slice(moduleUrl.lastIndexOf('.'));
  return new URL(`${name}${extension}`, moduleUrl);
}
