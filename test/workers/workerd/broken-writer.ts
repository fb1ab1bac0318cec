import { DurableObject } from 'cloudflare:workers';

/** A writer that is stopped while it writes. */
export class ProfileWriter extends DurableObject {
  override fetch(): Promise<Response> {
    return Promise.reject(new Error('stopped'));
  }
}

export default {
  fetch: () => new Response('only for its object', { status: 404 }),
} satisfies ExportedHandler;
