/** What a builder is asked for; the result always goes to the registry, unless `push` says no. */
export interface BuildRequest {
  readonly context: string;
  /** Repository and tag, without the registry. */
  readonly name: string;
  readonly args?: Readonly<Record<string, string>>;
  /** Default gzip, at each builder's own default level. */
  readonly compression?: 'gzip' | 'zstd';
  readonly push?: boolean;
  /** Only pushed: a builder that likes to unpack results into a store of images of its own is told not to. */
  readonly pushOnly?: boolean;
  /** Caches to read and to write in the registry, with the results of all steps: repository and tag, without the registry. */
  readonly cacheFrom?: string;
  readonly cacheTo?: string;
  /** Cache mounts are saved, too, by those who can. */
  readonly cacheMounts?: boolean;
}

/** Several boxes out of one folder; all of them are pushed. */
export interface BoxesRequest {
  /** Folder with a `docker-bake.hcl`, for those who read one. */
  readonly context: string;
  /** What the bake file finds in the environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** The same boxes one by one, for those who don't. */
  readonly boxes: readonly BuildRequest[];
}

/** One of the programs that are compared. */
export interface Builder {
  readonly name: string;
  /** As the page names it, with versions. */
  readonly title: string;
  /** Builds to the end; throws with the builder's own words where that fails. */
  build(request: BuildRequest): Promise<void>;
  /** The same for several boxes, by its own best means. */
  buildBoxes(request: BoxesRequest): Promise<void>;
  /**
   * Goes over to an empty folder for all that it keeps: what follows is cold. Nothing is removed: for minutes after files
   * were removed, ext4 takes several times as long to make new ones, as it spares their inodes.
   */
  forget(): Promise<void>;
}

export interface BuilderPlace {
  /** `HOST:PORT` of the registry that all of them push to. */
  readonly registry: string;
  /** Folder of the checkout. */
  readonly top: string;
  readonly work: string;
  /** Folder for stores; empty at the start. */
  readonly run: string;
}
