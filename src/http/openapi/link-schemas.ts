import * as z from 'zod/mini';
import { lazily } from '../../adapter-kit/index.ts';
import { LINK_SOURCES } from '../routes/links/link-view.ts';
import { nameSchemaAs } from './admin-schemas.ts';

const amount = lazily(() => z.int().check(z.minimum(0)));
const version = lazily(() =>
  amount().check(z.describe('Grows with each change of links by the API.')),
);
const inForceEverywhere = lazily(() =>
  z
    .boolean()
    .check(z.describe('No live replica reads by an older version, or still writes by one.')),
);

const link = lazily(() => ({
  id: z.string(),
  targets: z.record(z.string(), z.string()).check(z.describe('Upstream ids by targets.')),
  source: z
    .enum(LINK_SOURCES)
    .check(z.describe('The file of the configuration, or this API, which comes first.')),
  version: z.exactOptional(version()),
}));

/** Responses about links. */
export const linkAnswers = lazily(
  () =>
    ({
      link: nameSchemaAs(
        'Link',
        z.object({ ...link(), inForceEverywhere: z.exactOptional(inForceEverywhere()) }),
      ),
      links: nameSchemaAs(
        'LinkList',
        z.object({
          links: z.array(z.object(link())),
          next: z
            .exactOptional(z.string())
            .check(z.describe('Send it as `after` for the next page; absent on the last one.')),
          version: version(),
          inForceEverywhere: inForceEverywhere(),
        }),
      ),
      removed: nameSchemaAs(
        'LinkRemoved',
        z.object({ id: z.string(), version: version(), inForceEverywhere: inForceEverywhere() }),
      ),
      imported: nameSchemaAs(
        'LinkImport',
        z.object({
          dryRun: z.boolean(),
          links: amount(),
          added: amount(),
          replaced: amount(),
          unchanged: amount(),
          version: z.exactOptional(version()),
          inForceEverywhere: z.exactOptional(inForceEverywhere()),
        }),
      ),
    }) as const,
);
