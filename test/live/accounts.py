#!/usr/bin/python3
"""Makes the accounts and the service catalogue in a new Keystone; prints the project ids.

User demo is a member of project demo, user senlin has the service role on project service, and
admin is admin of projects admin and demo and of the default domain.
"""
import json
import os
import urllib.request

ENV = os.environ
TIMEOUT_S = 30
token = None


def call(method, path, body=None):
    headers = {'Content-Type': 'application/json'}
    if token:
        headers['X-Auth-Token'] = token
    data = None if body is None else json.dumps(body).encode()
    url = f'{ENV["KEYSTONE"]}/v3{path}'
    request = urllib.request.Request(url, method=method, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
        text = response.read()
        return response.headers, json.loads(text) if text else None


def ensure(kind, query, value):
    found = call('GET', f'/{kind}s?{query}')[1][f'{kind}s']
    return found[0] if found else call('POST', f'/{kind}s', {kind: value})[1][kind]


def project(name):
    return ensure('project', f'name={name}', {'name': name, 'domain_id': 'default'})['id']


def user(name, password, **more):
    value = {'name': name, 'domain_id': 'default', 'password': password, **more}
    return ensure('user', f'name={name}', value)['id']


def role(name):
    return ensure('role', f'name={name}', {'name': name})['id']


def publish(name, kind, url):
    service = ensure('service', f'type={kind}', {'name': name, 'type': kind})['id']
    listed = call('GET', f'/endpoints?service_id={service}')[1]['endpoints']
    for interface in {'public', 'internal', 'admin'} - {each['interface'] for each in listed}:
        call('POST', '/endpoints', {'endpoint': {
            'service_id': service, 'interface': interface, 'region_id': ENV['REGION'], 'url': url}})


default = {'id': 'default'}
token = call('POST', '/auth/tokens', {'auth': {
    'identity': {'methods': ['password'], 'password': {'user': {
        'name': 'admin', 'domain': default, 'password': ENV['ADMIN_PASSWORD']}}},
    'scope': {'project': {'name': 'admin', 'domain': default}}}})[0]['X-Subject-Token']

projects = {name: project(name) for name in ('admin', 'demo', 'service')}
admin = user('admin', ENV['ADMIN_PASSWORD'])
# Keystone scopes an unscoped token request of a user with a default project to that project.
demo = user('demo', ENV['DEMO_PASSWORD'], default_project_id=projects['demo'])
for name, who, right in (
        ('service', user('senlin', ENV['SENLIN_PASSWORD']), 'service'),
        ('demo', demo, 'member'),
        ('demo', admin, 'admin')):
    call('PUT', f'/projects/{projects[name]}/users/{who}/roles/{role(right)}')
call('PUT', f'/domains/default/users/{admin}/roles/{role("admin")}')

publish('senlin', 'clustering', ENV['SENLIN'])
publish('nova', 'compute', f'{ENV["CLOUD"]}/v2.1')
publish('heat', 'orchestration', f'{ENV["CLOUD"]}/heat/v1/$(project_id)s')

for name in ('admin', 'demo'):
    print(f'LIVE_{name.upper()}_PROJECT_ID={projects[name]}')
