import { expect, test } from 'vitest';
import { jsonRequests } from '../../../src/adapter-kit/index.ts';

const accept = { accept: 'application/json' };
const { get, send } = jsonRequests('https://vendor.example', '/api/', 'application/json;x=1');

test('a read has neither a body nor a content type', () => {
  expect(get('rows/1')).toEqual({
    method: 'GET',
    origin: 'https://vendor.example',
    path: '/api/rows/1',
    headers: accept,
  });
});

test('a write has the content type of its body', () => {
  expect(send('PATCH', 'rows/1', { weight: JSON.rawJSON('1.50') })).toEqual({
    method: 'PATCH',
    origin: 'https://vendor.example',
    path: '/api/rows/1',
    headers: { ...accept, 'content-type': 'application/json;x=1' },
    body: '{"weight":1.50}',
  });
});

test('a write without a body has no content type', () => {
  expect(send('POST', 'rows/1/open')).toEqual({
    method: 'POST',
    origin: 'https://vendor.example',
    path: '/api/rows/1/open',
    headers: accept,
  });
});
