import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Sends patches at a steady rate; prints how many were answered. Every answer must be a 200. */
const [origin = '', path = '', body = '', key = '', rate = '', seconds = ''] =
  process.argv.slice(2);
const PROFILES = 4_096;
const STEP_MS = 5;

const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const headers = {
  authorization: `Bearer ${key}`,
  'content-type': 'application/merge-patch+json',
  'content-length': Buffer.byteLength(body),
};

function send(number: number): Promise<void> {
  const address = origin + path.replace('%n', String(1 + (number % PROFILES)).padStart(12, '0'));
  return new Promise((resolve, reject) => {
    const sent = request(address, { agent, headers, method: 'PATCH' }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`a patch was answered by ${response.statusCode}`));
      });
    });
    sent.once('error', reject).end(body);
  });
}

const startMs = performance.now();
const all: Promise<void>[] = [];
for (let passedMs = 0; passedMs < Number(seconds) * 1_000; ) {
  const due = (passedMs / 1_000) * Number(rate);
  while (all.length < due) all.push(send(all.length));
  await delay(STEP_MS);
  passedMs = performance.now() - startMs;
}
await Promise.all(all);
agent.destroy();
process.stdout.write(`${JSON.stringify({ requests: all.length })}\n`);
