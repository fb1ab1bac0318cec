/// <reference path="./undici.d.ts" />
import connect from 'undici/lib/api/api-connect.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';

/**
 * The parts of undici that send requests, each from its own module: the main one also loads its
 * mocks, caches, WebSockets and `fetch`, which takes three times as long.
 */
export { default as buildConnector } from 'undici/lib/core/connect.js';
export { default as EnvHttpProxyAgent } from 'undici/lib/dispatcher/env-http-proxy-agent.js';
export { default as Pool } from 'undici/lib/dispatcher/pool.js';

// The main module does so for all of them; the agent of a proxy needs this one.
Object.assign(Dispatcher.prototype, { connect });
