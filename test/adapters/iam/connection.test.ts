import { describe, expect, test } from 'vitest';
import adapter from '../../../adapters/iam/index.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { answer, domainUser, ID, key, keystone, ORIGIN, open, otc } from './exchange.ts';

describe('faults', () => {
  const keystoneError = (code: number, message: string) => ({ error: { code, message } });
  const coded = (error_code: string) => ({ error_code, error_msg: 'm', request_id: 'r' });

  test.each([
    [404, keystoneError(404, `Could not find project: ${ID}.`), 'profile_not_found', 'none'],
    [404, keystoneError(404, 'Could not find domain: x.'), 'target_misconfigured', 'none'],
    [404, coded('IAM.0004'), 'profile_not_found', 'none'],
    [400, coded('IAM.1109'), 'profile_not_found', 'none'],
    [404, coded('APIGW.0101'), 'target_misconfigured', 'none'],
    [500, coded('APIG.0101'), 'target_misconfigured', 'none'],
    [404, '', 'target_misconfigured', 'none'],
    [401, coded('APIGW.0307'), 'target_unauthorized', 'none'],
    [401, coded('IAM.0064'), 'target_forbidden', 'none'],
    [400, coded('IAM.1106'), 'target_unauthorized', 'none'],
    [403, coded('APIG.0802'), 'target_forbidden', 'none'],
    [403, keystoneError(403, 'You are not authorized to perform …'), 'target_forbidden', 'none'],
    [403, keystoneError(403, 'Unable to update immutable project …'), 'conflict', 'none'],
    [403, keystoneError(403, 'Update of `parent_id` is not allowed.'), 'conflict', 'none'],
    [400, null, 'rejected_by_target', 'none'],
    [400, { code: 1101, message: 'm' }, 'rejected_by_target', 'none'],
    [409, coded('IAM.0005'), 'conflict', 'none'],
    [410, coded('IAM.0020'), 'target_unavailable', 'none'],
    [494, '<html>', 'target_misconfigured', 'none'],
    [429, coded('APIGW.0308'), 'target_rate_limited', 'none'],
    [500, coded('IAM.0006'), 'target_unavailable', 'possible'],
    [502, coded('APIGW.0202'), 'target_unavailable', 'possible'],
    [504, coded('APIGW.0203'), 'target_timeout', 'possible'],
    [200, coded('IAM.0004'), 'target_invalid_response', 'possible'],
  ])('%d %j is %s, effect %s', (status, body, code, effect) => {
    expect(open(otc).classifyFailure(answer(status, body))).toMatchObject({ code, effect });
  });

  test('tell the code that is not the status, the message and the request id', () => {
    const { classifyFailure } = open(otc);
    const told = { code: 'APIGW.0301', message: 'm', requestId: 'r' };
    expect(classifyFailure(answer(401, coded('APIGW.0301'))).upstream).toEqual({
      status: 401,
      ...told,
    });
    expect(classifyFailure(answer(400, keystoneError(400, 'm'))).upstream).toEqual({
      status: 400,
      message: 'm',
    });
    expect(classifyFailure(answer(400, { code: 1101 })).upstream).toMatchObject({ code: '1101' });
  });
});

describe('settings', () => {
  const issuesOf = (settings: JsonObject) => {
    const opened = adapter.open(settings);
    return opened.ok ? [] : opened.issues.map(({ path }) => path);
  };
  const tokenPath = (settings: JsonObject) => {
    const { authorization } = open(settings);
    if (authorization.kind !== 'token') throw new Error(authorization.kind);
    const { value } = authorization.acquire().next();
    return value !== undefined && 'path' in value ? value.origin + value.path : undefined;
  };

  test('tokens come from the base URL, with or without /v3, or from `auth.url`', () => {
    const url = `${ORIGIN}/iam/v3/auth/tokens?nocatalog`;
    expect(tokenPath(otc)).toBe(url);
    expect(tokenPath({ ...otc, baseUrl: `${ORIGIN}/iam/v3/` })).toBe(url);
    const elsewhere = { ...otc, auth: { ...domainUser, url: 'https://id.example.com' } };
    expect(tokenPath(elsewhere)).toBe('https://id.example.com/v3/auth/tokens?nocatalog');
    expect(open(elsewhere).origins).toEqual([ORIGIN, 'https://id.example.com']);
  });

  test('a password needs exactly one scope', () => {
    const { domain, ...unscoped } = domainUser;
    const both = { ...domainUser, project: 'p', projectDomain: 'd' };
    expect(issuesOf({ ...otc, auth: both })).toEqual(['auth']);
    expect(issuesOf({ ...otc, auth: unscoped })).toEqual(['auth']);
    expect(issuesOf({ ...otc, auth: { ...unscoped, project: 'p' } })).toEqual(['auth']);
    expect(
      issuesOf({ ...otc, auth: { ...unscoped, project: 'p', projectDomain: domain } }),
    ).toEqual([]);
  });

  test('keystone has neither access keys nor a status of its own', () => {
    expect(issuesOf({ ...keystone, auth: key })).toContain('auth.method');
    expect(issuesOf({ ...keystone, manageStatus: true })).toEqual(['manageStatus']);
    expect(issuesOf({ ...otc, dialect: 'huawei' })).toEqual(['dialect']);
    expect(issuesOf({ ...otc, auth: { ...key, secretKey: '' } })).toEqual(['auth.secretKey']);
  });

  test('both parts of an access key are secrets', () => {
    expect(
      open({ ...otc, auth: key })
        .secrets.map(({ value }) => value)
        .sort(),
    ).toEqual([key.accessKey, key.secretKey].sort());
  });
});
