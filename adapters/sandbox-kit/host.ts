import type { JsonObject } from '../../src/adapter-kit/index.ts';
import type { Sandbox, SandboxDemo, SandboxOptions } from './sandbox.ts';
import type { Unkind } from './unkind.ts';

/** All sandboxes of one process, each under its folder's name. */
export type SandboxSet = {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly byFolder: ReadonlyMap<string, Sandbox>;
  readonly demos: readonly SandboxDemo[];
};

/** Makes every sandbox, with state of its own. */
export function createSandboxSet(
  now: () => number,
  sandboxes: Readonly<Record<string, (options: SandboxOptions) => Sandbox>>,
  unkind?: Unkind,
): SandboxSet {
  const byFolder = new Map<string, Sandbox>();
  const peer = (folder: string): Sandbox => {
    const known = byFolder.get(folder);
    if (known !== undefined) return known;
    const create = sandboxes[folder];
    if (create === undefined) throw new Error(`no sandbox is called ${folder}`);
    const made = create({ basePath: `/${folder}`, now, peer, unkind });
    byFolder.set(folder, made);
    return made;
  };
  for (const folder of Object.keys(sandboxes)) peer(folder);
  return {
    byFolder,
    demos: [...byFolder.values()].flatMap(({ demo }) => (demo === undefined ? [] : [demo])),
    fetch: async (request) => {
      const folder = new URL(request.url).pathname.split('/')[1] ?? '';
      const sandbox = byFolder.get(folder);
      if (sandbox === undefined) return new Response('no such sandbox\n', { status: 404 });
      return marked(await sandbox.fetch(request));
    },
  };
}

/** Marks an answer as a sandbox's, for the gateway and its callers. */
function marked(answer: Response): Response {
  const headers = new Headers(answer.headers);
  headers.set('x-gateway-sandbox', '1');
  const { status, statusText } = answer;
  return new Response(answer.body, { status, statusText, headers });
}

/** A configuration whose targets are the sandboxes at `origin`. */
export function sandboxConfiguration({ demos }: SandboxSet, origin: string): JsonObject {
  const targets = demos.map((demo) => [demo.target, demo.configuration(origin)]);
  return { version: 1, targets: Object.fromEntries(targets) };
}

/** A line for the terminal that patches the demo profile through the gateway at `origin`. */
export function curlLine({ id, patch, target }: SandboxDemo, origin: string): string {
  return (
    `curl -X PATCH ${origin}/profiles/${target}:${id}` +
    ` -H 'Content-Type: application/merge-patch+json' -d '${JSON.stringify(patch)}'`
  );
}
