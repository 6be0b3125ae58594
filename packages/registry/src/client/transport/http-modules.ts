import type http from 'node:http';
import type https from 'node:https';

// An import of `node:http` calls all of its getters, and loads with them a whole second HTTP client (WebSocket, EventSource): some
// 25 ms of every start. `node:https` brings TLS along, which a registry on this machine doesn't need.

export const httpModule = (): typeof http => process.getBuiltinModule('node:http');

export const httpsModule = (): typeof https => process.getBuiltinModule('node:https');
