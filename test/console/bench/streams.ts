/** Opens live streams until it is ended, each of a session; prints a line once all have begun. */
const [origin = '', key = '', streams = ''] = process.argv.slice(2);

type Visit = (path: string, init?: RequestInit) => Promise<Response>;

async function signIn(): Promise<Visit> {
  const cookies = new Map<string, string>();
  const visit: Visit = async (path, init = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...init.headers, cookie };
    const response = await fetch(origin + path, { redirect: 'manual', ...init, headers });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  const page = await (await visit('/console/sign-in')).text();
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const body = new URLSearchParams({ csrf, key });
  const { status } = await visit('/console/sign-in', { method: 'POST', body });
  if (status !== 303) throw new Error(`signing in was answered by ${status}`);
  return visit;
}

/** Reads one stream after the other, as a browser does; `onUpdate` after each update. */
async function follow(visit: Visit, onUpdate: () => void): Promise<never> {
  for (;;) {
    const { body, status } = await visit('/console/live');
    if (status !== 200) throw new Error(`a live stream was answered by ${status}`);
    for await (const piece of body ?? []) {
      if (Buffer.from(piece).includes('data: ')) onUpdate();
    }
  }
}

const begun = Array.from({ length: Number(streams) }, async () => {
  const { promise, reject, resolve } = Promise.withResolvers<void>();
  follow(await signIn(), resolve).catch(reject);
  await promise;
});
await Promise.all(begun);
process.stdout.write('all streams are open\n');
