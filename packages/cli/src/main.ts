import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';

enableCompileCache();

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const { startCommand } = await import('./start/start-command.ts');
await startCommand(process.argv.slice(2), version);
