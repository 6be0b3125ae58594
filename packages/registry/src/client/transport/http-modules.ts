import type { Agent } from 'node:http';
import https from 'node:https';

// Importing `node:http` loads all of its getters, and with them a whole second HTTP client (WebSocket, EventSource): some 25 ms of
// every start. `node:https` has what is needed: its agent extends the plain one, its requests take agents of both.

/** `node:https`' agent. */
export const HttpsAgent = https.Agent;

/** `node:http`'s agent. */
export const HttpAgent = Object.getPrototypeOf(https.Agent) as typeof Agent;

/** A request with the protocol of its agent. */
export const httpRequest = https.request;
