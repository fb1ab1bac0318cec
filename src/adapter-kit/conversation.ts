import type { Result } from './fault.ts';
import type { StoredProfile } from './profile.ts';

/** An HTTP request as plain data. `origin` comes from the configuration, never from a caller. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Scheme, host and port: `https://api.example.com`. */
  readonly origin: string;
  /** Path and query exactly as they are sent; ids enter through `segment`. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** An HTTP response as plain data, its body already bounded. */
export type HttpResponse = {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** A conversation with one target: yields requests, is resumed with responses, returns. */
export type Conversation<T> = Generator<HttpRequest, Result<T>, HttpResponse>;

/** One write of a patch, and the pointers of the patch that it carries. */
export type WriteStep = {
  readonly name: string;
  readonly pointers: readonly string[];
  readonly request: HttpRequest;
  /** The whole profile in the answer to this write alone; needed where another write follows. */
  readonly parseProfile?: (response: HttpResponse) => StoredProfile | undefined;
  /** The response to this write, as the last one, does not show the whole profile. */
  readonly isReadAfter?: boolean;
};

/**
 * Result of the last write: the whole profile as a read would give it, or `undefined` where its
 * answer is poorer and a read must follow.
 */
export type Written = {
  readonly profile: StoredProfile | undefined;
  /** The vendor itself reported that nothing changed. */
  readonly noop?: boolean;
};

/**
 * The writes of one patch, in order. They must not depend on answers: after a 2xx without a body
 * the conversation continues, which is how `explain` lists all writes without sending any.
 */
export type WriteConversation = Generator<WriteStep, Result<Written>, HttpResponse>;
