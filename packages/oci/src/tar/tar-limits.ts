/** What a hostile archive may make the parser hold. Above it: TAR_INVALID. */
export interface TarLimits {
  /** Members of the archive, extended headers counted. */
  readonly maxMembers: number;
  /** Bytes of one extended header (pax or GNU long name), which is held in memory. */
  readonly maxHeaderBytes: number;
  /** Records in one pax header. */
  readonly maxPaxRecords: number;
  /** Bytes of a name or link target. */
  readonly maxPathBytes: number;
  /** Characters of all names, link targets and attributes together, which whoever lists the archive holds. */
  readonly maxTotalText: number;
}

/** Generous for real images; 4096 is Linux's PATH_MAX, 1 MiB what Go's archive/tar reads of an extended header. */
export const defaultTarLimits: TarLimits = Object.freeze({
  maxMembers: 1_250_000,
  maxHeaderBytes: 1024 * 1024,
  maxPaxRecords: 4096,
  maxPathBytes: 4096,
  maxTotalText: 512 * 1024 * 1024,
});
