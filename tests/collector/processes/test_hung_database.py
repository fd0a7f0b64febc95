"""The centre's processes end when they are told to, though their PostgreSQL answers nothing any more."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from collector.domain.accounts import hash_password
from collector.store.accounts import set_password
from collector.store.database import migrate, open_database
from tests.broker import Broker
from tests.collector.gate_end import GateEnd
from tests.collector.journals import admitted, batch, journal
from tests.collector.site import Site, line_with
from tests.collector.web.staff import PASSWORD, staff
from tests.drivers.waiting import eventually
from tests.ending import ended
from tests.postgresql import Postgres, programs

pytestmark = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
TABLES = "records, sessions"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    folder = programs()
    assert folder is not None
    server = Postgres(folder)
    yield server
    server.close()


@pytest.fixture
def engine(server: Postgres) -> Iterator[Engine]:
    engine = open_database(server.new_database(), writes=True)
    migrate(engine)
    with engine.begin() as connection:
        set_password(connection, "admin", hash_password(PASSWORD), 1)
    yield engine
    engine.dispose()


@pytest.fixture
def site(tmp_path: Path, broker: Broker, engine: Engine) -> Iterator[Site]:
    site = Site(tmp_path, broker)
    url = engine.url.render_as_string(hide_password=False)
    site.config.write_text(site.config.read_text().replace('"collector.db"', f'"{url}"'))
    yield site
    site.close()


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Whoever asks for these tables waits for as long as this lasts."""
    with engine.begin() as connection:
        connection.execute(text(f"LOCK TABLE {TABLES} IN ACCESS EXCLUSIVE MODE"))
        yield


def somebody_waits(engine: Engine) -> bool:
    with engine.begin() as connection:
        return bool(connection.execute(text(WAITING)).scalar())


def test_an_intake_that_hangs_in_its_database_ends_and_says_so(site: Site, engine: Engine) -> None:
    intake = site.start("intake")
    line_with(intake, "connected to the broker")
    gate = GateEnd(site.broker.port, site.key)
    rows = journal(admitted(3))
    with locked(engine):
        gate.publish(batch(rows))
        eventually(lambda: somebody_waits(engine))
        intake.send_signal(signal.SIGTERM)
        line_with(intake, "storing hangs in the database")
        assert ended(intake) == 0
    site.start("intake")
    assert gate.send_until_acked(batch(rows)).upto == 3
    gate.close()


def test_a_staff_page_that_hangs_in_its_database_ends(site: Site, engine: Engine) -> None:
    web = site.start("web")
    address = line_with(web, "staff page:").split()[-1]
    with staff(address) as client:
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    port = int(address.rstrip("/").rpartition(":")[2])
    with locked(engine), socket.create_connection(("127.0.0.1", port)) as visitor:
        request = f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n"
        visitor.sendall(request.encode())
        eventually(lambda: somebody_waits(engine))
        web.send_signal(signal.SIGTERM)
        assert ended(web) == 0
