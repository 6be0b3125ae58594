import { closeSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '@onebuild/testkit';

/** Debian's `docker-registry`, which no builder here belongs to. */
export interface Registry {
  readonly host: string;
  readonly daemon: Daemon;
  /** Blobs that were downloaded since the last time this was asked: those of a repository, of at least so many bytes. */
  countPulls(): (repository: string, least: number) => number;
  /** The layers of an image, as they are kept. */
  layersOf(name: string): Promise<readonly KeptLayer[]>;
  /** Bytes of them. */
  sizeOf(name: string): Promise<number>;
}

interface KeptLayer {
  readonly digest: string;
  readonly size: number;
}

const accept = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
].join(', ');

/** Starts it with empty storage. The port is fixed: nobody else is in this network. */
export async function startRegistry(run: string): Promise<Registry> {
  const folder = join(run, 'registry');
  const host = '127.0.0.1:5000';
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'config.json');
  const log = join(folder, 'log');
  writeFileSync(
    config,
    JSON.stringify({
      version: '0.1',
      log: { level: 'warn' },
      storage: { filesystem: { rootdirectory: join(folder, 'data') }, cache: { blobdescriptor: 'inmemory' } },
      http: { addr: host, secret: 'bench' },
    }),
  );
  const command = 'exec env OTEL_TRACES_EXPORTER=none docker-registry serve "$1" >"$2" 2>&1';
  const { daemon } = await startDaemon(['sh', '-c', command, 'registry', config, log], async () => {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    return answer?.ok || undefined;
  });
  let seen = 0;
  const layersOf = async (name: string): Promise<readonly KeptLayer[]> => {
    const [repository, tag] = name.split(':');
    const answer = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, { headers: { accept } });
    const { layers = [] } = (await answer.json()) as { layers?: KeptLayer[] };
    return layers;
  };
  return {
    host,
    daemon,
    layersOf,
    countPulls() {
      const text = readFrom(log, seen);
      seen += text.length;
      return (repository, least) => {
        const answers = text.split(`"GET /v2/${repository}/blobs/`).slice(1);
        return answers.filter((answer) => Number(/^\S+ \S+ 20\d (\d+)/.exec(answer)?.[1]) >= least).length;
      };
    },
    async sizeOf(name) {
      return (await layersOf(name)).reduce((sum, { size }) => sum + size, 0);
    },
  };
}

function readFrom(file: string, start: number): string {
  const bytes = Buffer.alloc(Math.max(0, statSync(file).size - start));
  const handle = openSync(file, 'r');
  readSync(handle, bytes, 0, bytes.length, start);
  closeSync(handle);
  return bytes.toString('latin1');
}
