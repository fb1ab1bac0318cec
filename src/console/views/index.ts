import { configurationPages } from './configuration.ts';
import { inDoubtPages } from './in-doubt.ts';
import { linksPages } from './links.ts';
import { matchesPages } from './matches/runs.ts';
import { overviewPages } from './overview.ts';
import { profilesPages } from './profiles.ts';
import { receiptsPages } from './receipts.ts';
import { replicasPages } from './replicas.ts';
import { routesPages } from './routes.ts';
import { targetPages } from './target.ts';
import { tryPages } from './try-id.ts';
import type { View } from './view.ts';

/** Every view, in the order of the navigation. */
export const consoleViews: readonly View[] = [
  overviewPages,
  targetPages,
  profilesPages,
  tryPages,
  routesPages,
  linksPages,
  matchesPages,
  receiptsPages,
  inDoubtPages,
  replicasPages,
  configurationPages,
];
