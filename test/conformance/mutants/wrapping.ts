import {
  type Authorization,
  type Change,
  type Connection,
  type Fault,
  type HttpRequest,
  type HttpResponse,
  type Result,
  type StoredProfile,
  succeed,
  type WriteConversation,
  type WriteStep,
  type Written,
} from '../../../src/adapter-kit/index.ts';

/** Connections that differ in one thing from the one they wrap. */

type Headers = Readonly<Record<string, string>>;

/** Every request of reads, writes and for tokens is changed before it is sent. */
export function withRequests(
  connection: Connection,
  change: (request: HttpRequest) => HttpRequest,
): Connection {
  const changeStep = (step: WriteStep): WriteStep => ({ ...step, request: change(step.request) });
  const { authorization } = connection;
  const { read, write } = connection;
  return {
    ...connection,
    read: (id) => mapped(read(id), change),
    write: (id, changes, before) => mapped(write(id, changes, before), changeStep),
    authorization:
      authorization.kind === 'token'
        ? { ...authorization, acquire: () => mapped(authorization.acquire(), change) }
        : authorization,
  };
}

export function withSteps(
  connection: Connection,
  change: (step: WriteStep) => WriteStep,
): Connection {
  const { write } = connection;
  return {
    ...connection,
    write: (id, changes, before) => mapped(write(id, changes, before), change),
  };
}

/** Every failure is told otherwise, wherever it comes from. */
export function withFaults(connection: Connection, change: (fault: Fault) => Fault): Connection {
  const { authorization, classifyFailure, read, write } = connection;
  const told = <T>(result: Result<T>): Result<T> =>
    result.ok ? result : { ok: false, fault: change(result.fault) };
  return {
    ...connection,
    classifyFailure: (response) => change(classifyFailure(response)),
    read: (id) => ended(read(id), told),
    write: (id, changes, before) => ended(write(id, changes, before), told),
    authorization:
      authorization.kind === 'token'
        ? { ...authorization, acquire: () => ended(authorization.acquire(), told) }
        : authorization,
  };
}

export function withWritten(
  connection: Connection,
  change: (written: Written) => Written,
): Connection {
  const { write } = connection;
  return {
    ...connection,
    write: (id, changes, before) =>
      ended(write(id, changes, before), (result) =>
        result.ok ? succeed(change(result.value)) : result,
      ),
  };
}

export function withChanges(
  connection: Connection,
  change: (changes: readonly Change[]) => readonly Change[],
): Connection {
  const { write } = connection;
  return { ...connection, write: (id, changes, before) => write(id, change(changes), before) };
}

export function withBefore(
  connection: Connection,
  change: (before: StoredProfile | undefined) => StoredProfile | undefined,
): Connection {
  const { write } = connection;
  return { ...connection, write: (id, changes, before) => write(id, changes, change(before)) };
}

/** Several writes of one patch are sent in another order; one alone is left to itself. */
export function withOrder(
  connection: Connection,
  change: (steps: readonly WriteStep[]) => readonly WriteStep[],
): Connection {
  const { classifyFailure, write } = connection;
  return {
    ...connection,
    *write(id, changes, before): WriteConversation {
      const steps = stepsOf(write(id, changes, before));
      const changed = change(steps);
      if (steps.length < 2 || changed === steps) return yield* write(id, changes, before);
      for (const step of changed) {
        const response = yield step;
        if (response.status >= 300) return { ok: false, fault: classifyFailure(response) };
      }
      return succeed({ profile: undefined });
    },
  };
}

/** The writes of a patch, which do not depend on the answers. */
function stepsOf(exchange: WriteConversation): WriteStep[] {
  const steps: WriteStep[] = [];
  let step = exchange.next();
  while (step.done !== true) {
    steps.push(step.value);
    step = exchange.next({ status: 200, headers: {}, body: '' });
  }
  return steps;
}

/** The headers that prove who sends, changed for one method where they differ by request. */
export function withCredentials(
  authorization: Authorization,
  method: string,
  change: (headers: Headers) => Headers,
): Authorization {
  switch (authorization.kind) {
    case 'headers':
      return { ...authorization, headers: change(authorization.headers) };
    case 'token': {
      const { acquire } = authorization;
      return {
        ...authorization,
        acquire: () =>
          ended(acquire(), (result) =>
            result.ok
              ? succeed({ ...result.value, headers: change(result.value.headers) })
              : result,
          ),
      };
    }
    case 'signature': {
      const { sign } = authorization;
      return {
        ...authorization,
        sign: async (request, context) => {
          const headers = await sign(request, context);
          return request.method === method ? change(headers) : headers;
        },
      };
    }
  }
}

function* mapped<Y, R>(
  exchange: Generator<Y, R, HttpResponse>,
  change: (value: Y) => Y,
): Generator<Y, R, HttpResponse> {
  let step = exchange.next();
  while (step.done !== true) step = exchange.next(yield change(step.value));
  return step.value;
}

/** The conversation with another result. */
export function* ended<Y, R>(
  exchange: Generator<Y, R, HttpResponse>,
  change: (value: R) => R,
): Generator<Y, R, HttpResponse> {
  return change(yield* exchange);
}
