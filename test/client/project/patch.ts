import { createProfileClient } from 'profile-gateway/client';

declare const process: { readonly argv: readonly string[] };
const [, , baseUrl = ''] = process.argv;
const client = createProfileClient({ baseUrl });
const id = 'nerm-demo:33f072dd-13b4-41e1-8ea0-16f2a59b57c8';
const result = await client.patch(id, { status: 'on_leave', attributes: { cost_centre: '4711' } });
if (result.outcome === 'unknown') console.log(`unknown; repeat with ${result.idempotencyKey}`);
else if ('write' in result) console.log(result.outcome, result.write.target);
else console.log(result.outcome, result.code, result.problem.detail);
