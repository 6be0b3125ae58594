/** `dev_t` as Linux' C libraries pack it: major 12 bits, minor 20 bits (makedev(3)). */
export function packDevice(major: number, minor: number): number {
  return (minor & 0xff) + ((major & 0xfff) << 8) + (minor >>> 8) * 2 ** 20;
}

export function unpackDevice(device: number): readonly [major: number, minor: number] {
  const high = Math.floor(device / 2 ** 20) & 0xfff;
  return [(device >>> 8) & 0xfff, (device & 0xff) + high * 256];
}
