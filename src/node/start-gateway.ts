import { adapters } from '../../adapters/index.ts';
import { isLoopbackHost } from '../config/loopback.ts';
import { createApp } from '../http/app.ts';
import type { ListenerBinding } from '../http/listener.ts';
import type { LogLevel } from '../telemetry/log.ts';
import type { LiveConfiguration } from './config/live-config.ts';
import { createShutdown } from './graceful-shutdown.ts';
import type { Bindings } from './http-server/request-framing.ts';
import { createNodePorts } from './ports.ts';
import type { NodeLog } from './telemetry/json-log.ts';
import { createMetrics } from './telemetry/prometheus.ts';
import { openTracing } from './telemetry/tracing.ts';
import { VERSION } from './version.ts';

export type GatewayOptions = NodeLog & {
  /** Overrides the configuration's. */
  readonly port: number | undefined;
  /** Overrides the configuration's. */
  readonly logLevel: LogLevel | undefined;
};

/** Serves a configuration until the process has to stop; returns the origin it listens on. */
export async function startGateway(
  { current, refused }: Pick<LiveConfiguration, 'current' | 'refused'>,
  { flush, log, logLevel, port }: GatewayOptions,
): Promise<string> {
  const tracing = await openTracing(process.env, () =>
    log({ level: 'warn', event: 'tracing', message: 'spans cannot be exported' }),
  );
  const signals = { logLevel, meter: createMetrics(), tracer: tracing.tracer };
  const { ports } = createNodePorts(log, signals);
  const shutdown = createShutdown({
    drainDelayMs: () => current().listen.drainDelayMs,
    log,
    onEnd: async () => {
      await tracing.close();
      await flush();
    },
  });
  const app = createApp({
    adapters,
    ports,
    gateway: () => current().gateway,
    process: { isDraining: shutdown.isDraining, refused },
  });
  const serve = (role: ListenerBinding['role'], host: string, at: number): Promise<string> => {
    const enter = (request: Request, { incoming }: Bindings): Response | Promise<Response> => {
      const binding: ListenerBinding & Bindings = { role, incoming };
      return app.fetch(request, binding);
    };
    return shutdown.serve(enter, host, at);
  };
  const { admin, listen: address } = current();
  const role = admin === undefined ? 'shared' : 'profiles';
  const origin = await serve(role, address.host, port ?? address.port);
  log({ level: 'info', event: 'listening', message: origin, gatewayVersion: VERSION });
  if (admin !== undefined) {
    const own = isLoopbackHost(admin.host) ? 'admin-open' : 'admin';
    const message = await serve(own, admin.host, admin.port);
    log({ level: 'info', event: 'admin_listening', message });
  }
  return origin;
}
