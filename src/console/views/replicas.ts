import { html } from 'hono/html';
import { stateAnswers } from '../../http/openapi/state-schemas.ts';
import {
  badge,
  curlBox,
  dataTable,
  type Html,
  localTime,
  mono,
  notice,
  section,
} from '../elements.ts';
import type { ConsolePage } from '../layout.ts';
import { withoutState } from '../listing.ts';
import { curlLineOf, type Visit } from '../visit.ts';
import type { View } from './view.ts';

/** The processes that share the state. */
export const replicasPages: View = {
  entry: { path: '/console/replicas', label: 'Replicas' },
  pages: { '/console/replicas': showReplicas },
};

async function showReplicas(visit: Visit): Promise<ConsolePage> {
  const answer = await visit.api('/admin/replicas', stateAnswers().replicas);
  const page = {
    title: 'Replicas',
    lead: 'The processes with an open session in the state, as its last beat showed them.',
  };
  if (!answer.ok) return { ...page, content: withoutState(answer.problem) };
  const { reachable, replicas } = answer.value;
  const columns = ['Process', 'Gateway', 'Started', 'Version of the links'].map((label, i) => ({
    label,
    isNumber: i === 3,
  }));
  const newest = Math.max(...replicas.map(({ linksVersion }) => linksVersion));
  const rows = replicas.map((replica): (Html | number)[] => [
    html`${mono(replica.name)}${replica.self ? html` ${badge('info', 'this one')}` : ''}`,
    mono(replica.version),
    localTime(replica.startedAt),
    replica.linksVersion < newest
      ? html`${replica.linksVersion} ${badge('warn', 'behind')}`
      : replica.linksVersion,
  ]);
  const silent = notice(
    'bad',
    'The state does not answer',
    html`<p>Writes are rejected meanwhile. Check its database; the list is the last known one.</p>`,
  );
  return {
    ...page,
    content: html`${reachable ? '' : silent}
      ${section('Processes', dataTable('Replicas', columns, rows))}
      ${curlBox(curlLineOf(visit, '/admin/replicas'))}`,
  };
}
