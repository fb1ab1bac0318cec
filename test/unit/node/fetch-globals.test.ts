import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT } from '../../support/child.ts';

const execute = promisify(execFile);

/** Starts as a gateway does, answers one request, and prints what Node loaded of its own undici. */
const PROGRAM = `
  const { replaceFetchGlobals } = await import('./src/node/http-server/fetch-globals.ts');
  if (process.argv[1] === 'replaced') replaceFetchGlobals();
  await import('./src/node/cli/serve.ts');
  const { listen } = await import('./src/node/http-server/server.ts');
  const listening = await listen(async (request) => {
    // Neither reads the body by the short way of the server.
    const copied = new Request('http://localhost/', { method: 'PUT', body: request.body, duplex: 'half' });
    const form = await new Response(new URLSearchParams({ a: 'b' })).formData();
    return new Response(await copied.text() + form.get('a'), {
      headers: { found: String(request.headers.get('asked')) },
    });
  }, '127.0.0.1', 0);
  const { request } = process.getBuiltinModule('node:http');
  const sent = request(listening.origin, { method: 'PUT', headers: { asked: 'yes' } });
  sent.end('whole');
  const [answer] = await process.getBuiltinModule('node:events').once(sent, 'response');
  let body = '';
  for await (const chunk of answer) body += chunk;
  const loaded = process.moduleLoadList.filter((name) => name.includes('deps/undici'));
  console.log(JSON.stringify({ body, found: answer.headers.found, loaded }));
  process.exit();
`;

async function run(argument: string): Promise<unknown> {
  const { stdout } = await execute(process.execPath, ['-e', PROGRAM, argument], { cwd: ROOT });
  return JSON.parse(stdout);
}

test('a gateway answers without the undici inside Node', async () => {
  expect(await run('replaced')).toEqual({ body: 'wholeb', found: 'yes', loaded: [] });
});

test('with the globals of Node it is loaded', async () => {
  const loaded = [expect.stringContaining('deps/undici')];
  expect(await run('kept')).toMatchObject({ body: 'wholeb', found: 'yes', loaded });
});
