import { adapters } from '../../adapters/index.ts';
import { optional } from '../adapter-kit/index.ts';
import { isLoopbackHost } from '../config/loopback.ts';
import type { ConfigSnapshot } from '../config/snapshot.ts';
import { createApp } from '../http/app.ts';
import type { ListenerBinding, ListenerRole } from '../http/middleware/entry.ts';
import type { Process } from '../http/routes/admin.ts';
import { showDocs } from '../http/routes/docs.ts';
import { linkRoutes } from '../http/routes/links/routes.ts';
import { matchRoutesOf } from '../http/routes/matches/routes.ts';
import { createOrphanCloser } from '../profiles/close-orphan.ts';
import { withChangedLinks } from '../routing/link-overlay.ts';
import type { LogLevel } from '../telemetry/log.ts';
import type { WorkerLink } from './cluster/worker-link.ts';
import { stopWith } from './command-line.ts';
import type { LiveConfiguration, Usable } from './config/live-config.ts';
import { withConsole } from './console/with-console.ts';
import { createDocs } from './docs-page.ts';
import { createShutdown } from './graceful-shutdown.ts';
import type { Bindings } from './http-server/request-framing.ts';
import { releaseSoon } from './http-server/unknown-callers.ts';
import { openMatching } from './matching/open-matching.ts';
import { createNodePorts } from './ports.ts';
import type { OpenState } from './state/open-state.ts';
import { operationsOf } from './state/operations.ts';
import { createSharedControl, type SharedControl } from './state/shared-control.ts';
import { type CountedMeter, countHour } from './telemetry/counted-meter.ts';
import type { NodeLog } from './telemetry/json-log.ts';
import { createMetrics } from './telemetry/prometheus.ts';
import { reportRefusals } from './telemetry/refusals.ts';
import { openTracing } from './telemetry/tracing.ts';
import { VERSION } from './version.ts';

export type GatewayOptions = NodeLog & {
  /** Overrides the configuration's. */
  readonly port: number | undefined;
  /** Overrides the configuration's. */
  readonly logLevel: LogLevel | undefined;
  /** Absent: one of its own. */
  readonly counted?: CountedMeter;
  /** Absent: the state ends with the process. */
  readonly state?: OpenState | undefined;
  /** The primary of this process; absent: it serves alone. */
  readonly link?: GatewayLink | undefined;
};

type GatewayLink = Pick<
  WorkerLink,
  'onStop' | 'viewsOfAll' | 'failuresOfAll' | 'statsOfAll' | 'sessionKey'
>;

/** Serves a configuration until the process has to stop; returns the origin it listens on. */
export async function startGateway(
  live: Pick<LiveConfiguration, 'current' | 'refused'> & Partial<LiveConfiguration>,
  options: GatewayOptions,
): Promise<string> {
  const { counted = countHour(createMetrics(), Date.now), flush, link, log, logLevel } = options;
  const { port, state } = options;
  const { meter } = counted;
  const { current } = live;
  const tracing = await openTracing(process.env, (message) =>
    log({ level: 'warn', event: 'tracing', message }),
  );
  const signals = { logLevel, meter, tracer: tracing.tracer };
  const kept = optional('state', state?.shared.state);
  const { ports } = createNodePorts(log, { ...signals, ...kept });
  const shutdown = createShutdown({
    drainDelayMs: () => current().listen.drainDelayMs,
    listenOptions: reportRefusals(log, meter),
    log,
    onStop: link?.onStop,
    onEnd: () => inOrder([matching?.runner.close, state?.shared.close, tracing.close, flush]),
  });
  const linked = state === undefined ? undefined : withChangedLinks<ConfigSnapshot>(state.links);
  const targets = () => current().gateway.targets;
  const control = state && createSharedControl({ ...state, targets, clock: ports });
  const gateway = () => linked?.(current().gateway) ?? current().gateway;
  const matching = state && openMatching({ state, ports, gateway });
  const parts: Process = {
    ...processOf(live, counted, link),
    isDraining: shutdown.isDraining,
    docs: showDocs(createDocs(() => current().gateway.hasDocs === true)),
    ...(state && control ? statePartsOf(state, control) : {}),
    ...optional('matchRoutes', matching && matchRoutesOf(matching)),
  };
  const app = createApp({ adapters, ports, gateway, process: parts });
  const serveAny = withConsole(app.fetch, { ports, current, gateway, process: parts, link });
  if (state !== undefined) {
    const { hashKey, name: replica } = state;
    const closer = createOrphanCloser({ targets, gateway, ports, hashKey, replica });
    await state.shared.start(closer, control?.apply);
  }
  const serve = async (host: string, at: number, roleAt: (address: string) => ListenerRole) => {
    let role: ListenerRole = 'admin';
    const enter = async (request: Request, bindings: Bindings): Promise<Response> => {
      let isKnown = role === 'admin-open' || current().gateway.callers === undefined;
      const onCaller = (): void => {
        isKnown = true;
      };
      const binding: ListenerBinding & Bindings = { role, onCaller, incoming: bindings.incoming };
      const answered = await serveAny(request, binding);
      return isKnown ? answered : releaseSoon(answered, bindings);
    };
    const listening = await shutdown.serve(enter, host, at);
    role = roleAt(listening.address);
    return listening;
  };
  const { admin, listen: address } = current();
  const own = admin === undefined ? 'shared' : 'profiles';
  const { address: bound, origin } = await serve(address.host, port ?? address.port, () => own);
  stopWhereExposed(current(), address.host, bound);
  live.noteBound?.([bound]);
  log({ level: 'info', event: 'listening', message: origin, gatewayVersion: VERSION });
  if (admin !== undefined) {
    const listening = await serve(admin.host, admin.port, (at) =>
      isLoopbackHost(at) ? 'admin-open' : 'admin',
    );
    live.noteBound?.([bound, listening.address]);
    log({ level: 'info', event: 'admin_listening', message: listening.origin });
  }
  return origin;
}

/** Runs what there is of the steps, one after the other. */
async function inOrder(steps: readonly ((() => Promise<unknown>) | undefined)[]): Promise<void> {
  for (const step of steps) await step?.();
}

/** Returns what the routes need of this process and of the others of the same gateway. */
function processOf(
  { refused }: Pick<LiveConfiguration, 'refused'>,
  { hour }: CountedMeter,
  link: GatewayLink | undefined,
): Process {
  return {
    refused,
    stats: async () => (await link?.statsOfAll(hour())) ?? [hour()],
    ...optional('viewsOfAll', link?.viewsOfAll),
    ...optional('failuresOfAll', link?.failuresOfAll),
  };
}

/** Returns what the routes need of a state that replicas share. */
function statePartsOf(state: OpenState, { drains }: SharedControl): Process {
  const { shared } = state;
  return {
    isStateReachable: () => shared.view().isReachable,
    liveReplicas: shared.liveReplicas,
    operations: operationsOf(state, drains),
    linkRoutes,
  };
}

/** Ends the process where a name of loopback has led to an address that others can reach. */
function stopWhereExposed({ gateway }: Usable, host: string, address: string): void {
  if (gateway.callers !== undefined || isLoopbackHost(address)) return;
  const message = `${host} is ${address} here, which is not loopback: set callers`;
  stopWith([{ path: 'listen.host', message }]);
}
