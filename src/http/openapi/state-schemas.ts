import * as z from 'zod/mini';
import { lazily } from '../../adapter-kit/index.ts';
import type { ReplicasView } from '../routes/admin-view.ts';
import type { InDoubtView } from '../routes/in-doubt/in-doubt.ts';
import { receiptSchema } from '../routes/receipt-view.ts';
import { nameSchemaAs } from './admin-schemas.ts';

const next = lazily(() =>
  z
    .exactOptional(z.string())
    .check(z.describe('Send it as `after` for the next page; absent on the last one.')),
);

const inDoubtSchema = lazily(() =>
  nameSchemaAs(
    'InDoubt',
    z.object({
      profile: z
        .exactOptional(z.string())
        .check(z.describe('`target:upstreamId`, where a target has the profile; not of a create.')),
      create: z
        .exactOptional(z.string())
        .check(
          z.describe('Of a create whose profile may still appear: the id by which it is lifted.'),
        ),
      target: z.exactOptional(z.string()).check(z.describe('Of a create.')),
      name: z.exactOptional(z.string()).check(z.describe('Of the profile that a create makes.')),
      id: z.exactOptional(z.string()).check(z.describe('As the caller of the write wrote it.')),
      since: z
        .exactOptional(z.string())
        .check(z.describe('Begin of the write, where it is known.')),
      until: z.string(),
      caller: z.exactOptional(z.string()),
      requestId: z.exactOptional(z.string()),
      writeId: z.exactOptional(z.string()),
    }) satisfies z.ZodMiniType<InDoubtView>,
  ),
);

const receipt = lazily(() => nameSchemaAs('Receipt', receiptSchema()));

/** Responses about the state that replicas share. */
export const stateAnswers = lazily(
  () =>
    ({
      receipt: receipt(),
      receipts: nameSchemaAs(
        'ReceiptList',
        z.object({ receipts: z.array(receipt()), next: next() }),
      ),
      inDoubt: nameSchemaAs(
        'InDoubtList',
        z.object({ inDoubt: z.array(inDoubtSchema()), next: next() }),
      ),
      lifted: nameSchemaAs(
        'Lifted',
        z.object({
          profile: z.exactOptional(z.string()),
          create: z.exactOptional(z.string()).check(z.describe('In place of a profile.')),
          writeId: z.string().check(z.describe('Names the receipt of the change.')),
        }),
      ),
      replicas: nameSchemaAs(
        'ReplicaList',
        z.object({
          reachable: z.boolean().check(z.describe('False while the state does not answer.')),
          replicas: z.array(
            z.object({
              name: z.string(),
              version: z.string(),
              startedAt: z.string(),
              self: z.boolean().check(z.describe('True for the process that responds.')),
              linksVersion: z
                .int()
                .check(z.minimum(0), z.describe('Version of the links that it follows.')),
            }),
          ),
        }) satisfies z.ZodMiniType<ReplicasView>,
      ),
    }) as const,
);
