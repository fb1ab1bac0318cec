import { describe, expect, it } from 'vitest';
import { type JsonObject, ownObject, ownText } from '../../../src/adapter-kit/index.ts';
import { FOLDERS, NEW_PROFILES, startStage } from './stage.ts';

const NAMES: Readonly<Record<string, string>> = { 'iam-demo': 'eu-de_made' };
const nameAt = (target: string): string => NAMES[target] ?? 'made-here';

describe.each(Object.keys(FOLDERS))('a create at %s', (target) => {
  const wanted = { target, name: nameAt(target), ...NEW_PROFILES[target] };

  it('answers 201 with the profile, as a read shows it', async () => {
    const { ask, create, idsAt } = await startStage();
    const before = idsAt(target);
    const answer = await create(wanted);
    expect(answer.status, answer.text).toBe(201);
    const profile = ownObject(answer.body, 'profile') ?? {};
    expect(answer.body).toMatchObject({ write: { outcome: 'applied', target, losses: [] } });
    const { target: _, ...members } = wanted;
    expect(profile).toMatchObject(members);
    const made = idsAt(target).filter((id) => !before.includes(id));
    expect(made).toEqual([ownText(profile, 'upstreamId')]);
    const location = answer.headers.get('location') ?? '';
    expect(decodeURIComponent(location)).toBe(`/profiles/${target}:${made[0]}`);
    const read = await ask('GET', location);
    expect(read.body).toEqual({ profile });
    expect(read.headers.get('etag')).toBe(answer.headers.get('etag'));
  });

  it('names what is missing, and sends nothing', async () => {
    const { create, sent } = await startStage();
    const answer = await create({ target });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: 'unsupported_patch', outcome: 'rejected' });
    expect(sent).toEqual([]);
  });

  it('is explained with the requests that it sends', async () => {
    const { ask, create, sent } = await startStage();
    const explained = await ask('POST', '/profiles/explain', { body: wanted });
    expect(explained.status, explained.text).toBe(200);
    expect(explained.body).toMatchObject({ prediction: 'write', target });
    expect(sent).toEqual([]);
    await create(wanted);
    const requests = (explained.body.requests as JsonObject[]).map((request) => [
      ownText(request, 'method'),
      ownText(request, 'url'),
    ]);
    const actual = sent.map(({ method, origin, path }) => [method, origin + path]);
    expect(actual.slice(0, requests.length)).toEqual(requests);
    const last = (explained.body.requests as JsonObject[]).at(-1) ?? {};
    expect(
      sent.find(({ path }) => path.endsWith(new URL(String(last.url)).pathname) && true),
    ).toBeDefined();
    expect(ownText(last, 'body')).toBe(sent[requests.length - 1]?.body);
  });
});
