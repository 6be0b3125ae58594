import type { SentCounter } from '../measure/count-sent.ts';
import type { BoxesRequest, Builder, BuildRequest } from '../peers/builder.ts';
import type { Registry } from '../peers/start-registry.ts';

/** What a shape is handed: the folders, the registry, and the builder that makes bases. */
export interface Bench {
  readonly work: string;
  readonly run: string;
  readonly registry: Registry;
  readonly onebuild: Builder;
  readonly counter: SentCounter;
}

/** One piece of work that every builder does in turn. */
export interface Shape {
  readonly name: string;
  readonly title: string;
  /** Seconds of OneBuild over seconds of `docker buildx`, at most; without one it is only reported. */
  readonly target?: number;
  /** The same over the seconds of separate builds, one after the other. */
  readonly loopTarget?: number;
  /** Builders that take part beside OneBuild. */
  readonly peers: readonly string[];
  /** Whether a builder forgets everything before each run. */
  readonly cold: boolean;
  /** Repository that a cold builder has to download from; a run that does not is a fault of the bench. */
  readonly pulls?: string;
  /** Repository whose layers nobody has to download; a run that does is not what the shape is about. */
  readonly spares?: string;
  /** Makes and pushes the bases. */
  prepare?(bench: Bench): Promise<void>;
  /** Before the first run of a builder, which forgets it if the shape is cold. */
  fill?(bench: Bench, builder: Builder): Promise<void>;
  /** Before the clock of each run starts; `run` counts over all builders. */
  before?(bench: Bench, run: number): void | Promise<void>;
  request(bench: Bench, builder: Builder, run: number): BuildRequest | BoxesRequest;
  /** The request without what the shape is about: a run is then two builds, and its seconds are those that `request` takes longer. */
  plain?(bench: Bench, builder: Builder, run: number): BuildRequest;
}
