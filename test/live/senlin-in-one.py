#!/usr/bin/python3
"""Senlin's API, conductor and engine in one process, so that no message broker is needed.

The three mains of senlin.cmd are run in one eventlet process, over oslo.messaging's in-memory
transport. Senlin's code is unchanged but for one wrapper: write transactions take turns, since
SQLite refuses a second writer ("database is locked", a 500) where a server database lets it wait.

SIGUSR1 makes names unique and answers take 3 s at most, as a part of the recording was made;
SIGUSR2 undoes that.
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
from senlin.engine import service as engine

CONF = senlin.conf.CONF
STRICT = {'name_unique': True, 'rpc_response_timeout': 3}


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


def be_strict(*_):
    for name, value in STRICT.items():
        CONF.set_override(name, value)


def be_as_configured(*_):
    for name in STRICT:
        CONF.clear_override(name)


def main():
    config.parse_args(sys.argv, 'senlin-api')
    logging.setup(CONF, 'senlin-api')
    let_writers_take_turns()
    objects.register_all()
    messaging.setup()
    profiler.setup('senlin-api', CONF.senlin_api.bind_host)
    conductor.ConductorService(CONF.host, consts.CONDUCTOR_TOPIC).start()
    engine.EngineService(CONF.host, consts.ENGINE_TOPIC).start()
    signal.signal(signal.SIGUSR1, be_strict)
    signal.signal(signal.SIGUSR2, be_as_configured)
    server = wsgi.Server('senlin-api', CONF.senlin_api)
    server.start(wsgi.load_paste_app(), default_port=CONF.senlin_api.bind_port)
    server.wait()


if __name__ == '__main__':
    main()
