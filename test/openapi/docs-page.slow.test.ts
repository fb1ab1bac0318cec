import { appendFileSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { ownObject } from '../../src/adapter-kit/index.ts';
import { openApiDocument } from '../../src/http/openapi/document.ts';
import { nermAt, type Running, run, setStage } from '../integration/lifecycle/stage.ts';
import { end, ROOT } from '../support/child.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Installed for the tests of the console, which need it too. */
const PLAYWRIGHT = join(ROOT, 'test/console/node_modules/playwright-core');
const WAIT_MS_MAX = 60_000;

/** The little of Playwright that this test needs, whose types are installed elsewhere. */
type Message = { readonly text: () => string };
type Locator = {
  readonly count: () => Promise<number>;
  readonly click: () => Promise<void>;
  readonly textContent: () => Promise<string | null>;
  readonly waitFor: (options: { readonly timeout: number }) => Promise<void>;
  readonly locator: (selector: string) => Locator;
  readonly first: () => Locator;
};
type Page = Pick<Locator, 'locator'> & {
  readonly on: (event: string, listener: (about: Message & { url: () => string }) => void) => void;
  readonly goto: (url: string) => Promise<unknown>;
};
type Browser = {
  readonly newPage: () => Promise<Page>;
  readonly close: () => Promise<void>;
};

const isInstalled = existsSync(CHROMIUM) && existsSync(PLAYWRIGHT);
if (!isInstalled && process.env.SKIP_REASONS) {
  const reason = 'reference page: skipped (chromium, npm ci --prefix test/console)';
  appendFileSync(process.env.SKIP_REASONS, `${reason}\n`);
}

const stage = await setStage();
const started: Running[] = [];
afterAll(async () => {
  for (const { child } of started) await end(child);
  await stage.stop();
});

async function start(settings: object): Promise<string> {
  const targets = { nerm: nermAt(stage) };
  const document = { version: 1, listen: { drainDelayMs: 0 }, targets, ...settings };
  const running = await run(stage.put('gateway.json', JSON.stringify(document)));
  started.push(running);
  return running.origin;
}

test('a configuration switches the page off', async () => {
  const origin = await start({ docs: false });
  expect((await fetch(`${origin}/docs`)).status).toBe(404);
  expect((await fetch(`${origin}/openapi.json`)).status).toBe(200);
});

describe.skipIf(!isInstalled)('in Chromium', () => {
  let browser: Browser;
  let origin: string;
  let page: Page;
  const requested: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    origin = await start({});
    const { chromium } = createRequire(import.meta.url)(PLAYWRIGHT);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.on('request', (request) => requested.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${origin}/docs`);
    await page.locator('.opblock').first().waitFor({ timeout: WAIT_MS_MAX });
  }, 2 * WAIT_MS_MAX);
  afterAll(() => browser?.close());

  test('the page shows every operation', async () => {
    const paths = Object.values(ownObject(openApiDocument(adapters), 'paths') ?? {});
    const operations = paths.flatMap((item) =>
      Object.keys(item as object).filter((key) => key !== 'parameters'),
    );
    expect(await page.locator('.opblock').count()).toBe(operations.length);
  });

  test('an operation opens, and is tried at the gateway itself', async () => {
    const health = page.locator('#operations-gateway-health');
    await health.locator('.opblock-summary-control').click();
    await health.locator('.try-out__btn').click();
    await health.locator('.execute').click();
    const answered = health.locator('.live-responses-table .response .microlight').first();
    await answered.waitFor({ timeout: WAIT_MS_MAX });
    expect(await answered.textContent()).toContain('"ok"');
    expect(requested).toContain(`${origin}/healthz`);
  });

  test('no request has left the origin, and the policy has refused nothing', () => {
    const own = (url: string) => url.startsWith(`${origin}/`) || url.startsWith('data:');
    expect(requested.length).toBeGreaterThan(5);
    expect(requested.filter((url) => !own(url))).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
