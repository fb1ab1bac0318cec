/** Signs in, and keeps live streams open until it is ended; prints a line once all have begun. */
const [origin = '', key = '', streams = ''] = process.argv.slice(2);

const cookies = new Map<string, string>();

async function visit(path: string, init: RequestInit = {}): Promise<Response> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = { ...init.headers, cookie };
  const response = await fetch(origin + path, { redirect: 'manual', ...init, headers });
  for (const set of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
    if (value === '') cookies.delete(name);
    else cookies.set(name, value);
  }
  return response;
}

const page = await (await visit('/console/sign-in')).text();
const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
const body = new URLSearchParams({ csrf, key });
const signedIn = await visit('/console/sign-in', { method: 'POST', body });
if (signedIn.status !== 303) throw new Error(`signing in was answered by ${signedIn.status}`);

/** Reads one stream after the other, as a browser does; `onUpdate` after each update. */
async function follow(onUpdate: () => void): Promise<never> {
  for (;;) {
    const { body: stream } = await visit('/console/live');
    for await (const piece of stream ?? []) {
      if (Buffer.from(piece).includes('data: ')) onUpdate();
    }
  }
}

const begun = Array.from({ length: Number(streams) }, () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  void follow(resolve);
  return promise;
});
await Promise.all(begun);
process.stdout.write('all streams are open\n');
