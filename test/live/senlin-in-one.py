#!/usr/bin/python3
"""Senlin's API, conductor and engine in one process, so that no message broker is needed.

The three mains of senlin.cmd are run in one eventlet process, over oslo.messaging's in-memory
transport. Senlin's code is unchanged but for two wrappers: write transactions take turns, since
SQLite refuses a second writer ("database is locked", a 500) where a server database lets it wait;
and Heat can need 6 s for a preview.

A part of the recording was made with other settings. SIGUSR1 makes names unique, answers take 3 s
at most, and Heat slow; SIGUSR2 makes Heat prompt again; SIGHUP undoes the rest.
"""
import contextlib
import signal
import sys

import senlin.cmd  # noqa: F401  (importing it patches the standard library for eventlet)

import eventlet
from eventlet import semaphore
from oslo_log import log as logging
from senlin import objects
from senlin.api.common import wsgi
from senlin.common import config
from senlin.common import consts
from senlin.common import messaging
from senlin.common import profiler
from senlin.conductor import service as conductor
import senlin.conf
from senlin.db.sqlalchemy import api as database
from senlin.drivers.os import heat_v1
from senlin.engine import service as engine

CONF = senlin.conf.CONF
STRICT = {'name_unique': True, 'rpc_response_timeout': 3}
SLOW_S = 6


def let_writers_take_turns():
    begin, turn, owner = database.session_for_write, semaphore.Semaphore(1), [None]

    @contextlib.contextmanager
    def session_for_write():
        me = eventlet.getcurrent()
        if owner[0] is me:  # a transaction inside its own: waiting would never end
            with begin() as session:
                yield session
            return
        with turn:
            owner[0] = me
            try:
                with begin() as session:
                    yield session
            finally:
                owner[0] = None

    database.session_for_write = session_for_write


def obey_signals():
    preview, slow = heat_v1.HeatClient.stack_create, [False]

    def slow_preview(self, **params):
        if slow[0]:
            eventlet.sleep(SLOW_S)
        return preview(self, **params)

    def be_strict(*_):
        slow[0] = True
        for name, value in STRICT.items():
            CONF.set_override(name, value)

    def be_prompt(*_):
        slow[0] = False

    def be_as_configured(*_):
        be_prompt()
        for name in STRICT:
            CONF.clear_override(name)

    heat_v1.HeatClient.stack_create = slow_preview
    signal.signal(signal.SIGUSR1, be_strict)
    signal.signal(signal.SIGUSR2, be_prompt)
    signal.signal(signal.SIGHUP, be_as_configured)


def main():
    config.parse_args(sys.argv, 'senlin-api')
    logging.setup(CONF, 'senlin-api')
    let_writers_take_turns()
    objects.register_all()
    messaging.setup()
    profiler.setup('senlin-api', CONF.senlin_api.bind_host)
    conductor.ConductorService(CONF.host, consts.CONDUCTOR_TOPIC).start()
    engine.EngineService(CONF.host, consts.ENGINE_TOPIC).start()
    server = wsgi.Server('senlin-api', CONF.senlin_api)
    obey_signals()
    server.start(wsgi.load_paste_app(), default_port=CONF.senlin_api.bind_port)
    server.wait()


if __name__ == '__main__':
    main()
