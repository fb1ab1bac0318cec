import { createServer } from 'node:http';
import { NO_PROFILES, nermPage } from '../support/nerm-pages.ts';

/** A NERM of `PROFILES` profiles that lists them by pages, for the bench of lists. */
const { PORT, PROFILES } = process.env;

createServer(({ url = '' }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://vendor');
  const page = nermPage(searchParams, Number(PROFILES));
  const isListed = pathname === '/healthz' || page !== undefined;
  response.writeHead(isListed ? 200 : 400, { 'content-type': 'application/json' });
  response.end(JSON.stringify(pathname === '/healthz' ? {} : (page ?? NO_PROFILES)));
}).listen(Number(PORT), '127.0.0.1');
