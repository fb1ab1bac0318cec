import { createTestHarness } from 'wrangler';
import { createSandboxSet, sandboxConfiguration } from '../../src/sandboxes.ts';
import { listen } from '../../src/serve.ts';

const set = createSandboxSet(Date.now);
let tokens = 0;
const up = await listen(async (request) => {
  const path = new URL(request.url).pathname;
  if (path.endsWith('/auth/tokens') && request.method === 'POST') {
    tokens += 1;
    await new Promise((r) => setTimeout(r, 1000));
  }
  return set.fetch(request);
}, '127.0.0.1', 0);
const configuration = { ...sandboxConfiguration(set, up.origin), callers: { me: { key: '${ME_KEY}', scopes: ['profiles:read', 'profiles:write'] } } };
const harness = createTestHarness({
  workers: [{ configPath: './wrangler.toml', vars: { GATEWAY_CONFIG: JSON.stringify(configuration), SANDBOX: '' }, secrets: { ME_KEY: 'a-key-of-a-caller' } }],
});
const t0 = Date.now();
const { url } = await harness.listen();
console.log('up', Date.now() - t0, url.href, JSON.stringify(configuration).length);
const hex = (i: number) => i.toString(16).padStart(2, '0');
const ask = async (id: string, method: string) => {
  const t = Date.now();
  try {
    const r = await fetch(new URL(`/profiles/${id}`, url), {
      method,
      headers: { authorization: 'Bearer a-key-of-a-caller', 'content-type': 'application/json' },
      signal: AbortSignal.timeout(40_000),
      ...(method === 'PATCH' ? { body: '{"description":"x"}' } : {}),
    });
    const text = await r.text();
    return `${method} ${r.status} ${JSON.parse(text).code ?? ''} ${Date.now() - t}`;
  } catch (e) {
    return `${method} ${String(e)} ${Date.now() - t}`;
  }
};
const results = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(`iam-demo:23da5961c8214f5caf701c27d97039${hex(i + 0x40)}`, i % 2 ? 'GET' : 'PATCH')));
console.log(results.join('\n'), 'tokens', tokens);
for (const l of harness.getLogs().slice(-30)) console.log(l.level, String(l.message).slice(0, 300));
await harness.close();
up.server.close();
process.exit(0);
