#!/usr/bin/python3
"""Answers what Senlin asks of Nova and Heat when a profile is created, and nothing else.

A server profile asks Nova for its flavour (one named "missing" does not exist), a stack profile
asks Heat for a preview. Tokens are not checked. Arguments: the port, and any text that down.sh
can tell the process by.
"""
import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(sys.argv[1])
BASE = f'http://127.0.0.1:{PORT}'
BODY_BYTES_MAX = 1_000_000
NOVA_VERSION = {'id': 'v2.1', 'status': 'CURRENT', 'version': '2.1', 'min_version': '2.1',
                'updated': '2013-07-23T11:33:21Z',
                'links': [{'rel': 'self', 'href': f'{BASE}/v2.1/'}]}
HEAT_VERSION = {'id': 'v1.0', 'status': 'CURRENT',
                'links': [{'rel': 'self', 'href': f'{BASE}/heat/v1/'}]}


def flavor(name):
    return {'id': name, 'name': name, 'ram': 512, 'vcpus': 1, 'disk': 1, 'swap': '',
            'OS-FLV-EXT-DATA:ephemeral': 0, 'OS-FLV-DISABLED:disabled': False,
            'rxtx_factor': 1.0, 'os-flavor-access:is_public': True, 'links': []}


def answer(method, path, body):
    if path == '':
        return 200, {'versions': [NOVA_VERSION]}
    if path == '/v2.1':
        return 200, {'version': NOVA_VERSION}
    if path in ('/heat', '/heat/v1'):
        return 200, {'versions': [HEAT_VERSION]}
    if path in ('/v2.1/flavors', '/v2.1/flavors/detail'):
        return 200, {'flavors': []}
    found = re.fullmatch(r'/v2\.1/flavors/([^/]+)', path)
    if found and found.group(1) != 'missing':
        return 200, {'flavor': flavor(found.group(1))}
    if method == 'POST' and re.fullmatch(r'/heat/v1/[^/]+/stacks/preview', path):
        name = json.loads(body or b'{}').get('stack_name')
        return 200, {'stack': {'stack_name': name, 'id': 'None', 'resources': [],
                               'parameters': {}, 'links': []}}
    return 404, {'itemNotFound': {'code': 404, 'message': f'not found: {path}'}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def handle_any(self):
        length = min(int(self.headers.get('Content-Length') or 0), BODY_BYTES_MAX)
        body = self.rfile.read(length) if length else b''
        status, value = answer(self.command, self.path.split('?')[0].rstrip('/'), body)
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(text)

    do_GET = do_POST = do_HEAD = handle_any


ThreadingHTTPServer(('127.0.0.1', PORT), Handler).serve_forever()
