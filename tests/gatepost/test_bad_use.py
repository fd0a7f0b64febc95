"""Commands given what they cannot use: exit code 2, the place named, no traceback, and an end."""

import subprocess
import sys
from pathlib import Path

import pytest

from collector.store.database import database_url, migrate, open_database
from config.key_files import make_keys
from tests.gatepost.test_commands import gatepost
from tests.patience import PATIENCE_S


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder)
    return folder


def refused(*arguments: str | Path) -> str:
    answer = gatepost(*arguments)
    assert answer.returncode == 2, answer
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""
    return " ".join(answer.stderr.replace("│", " ").split())


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/nowhere/keys"])
def test_keys_that_cannot_be_written_there_are_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    assert place.rpartition("/")[2] in refused("keys", "init", tmp_path / place)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[1, 2]", b"[" * 100_000, b'{"a":' * 100_000, b'{"compound": "x"}'],
)
def test_a_roster_that_is_none_is_refused(keys: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "roster.json"
    file.write_bytes(content)
    assert "roster.json" in refused("roster", "sign", "--keys", keys, file).replace(" ", "")


def test_a_roster_that_never_ends_is_refused(keys: Path) -> None:
    assert "larger than 64 MiB" in refused("roster", "sign", "--keys", keys, "/dev/zero")


def test_a_signed_roster_that_cannot_be_written_there_is_refused(
    keys: Path, tmp_path: Path
) -> None:
    file = tmp_path / "roster.json"
    file.write_text('{"compound": 1, "households": [], "residents": []}')
    out = tmp_path / "no" / "roster.signed"
    assert "--out" in refused("roster", "sign", "--keys", keys, file, "--out", out)


def test_a_collectors_database_of_a_later_version_is_refused_by_its_key(tmp_path: Path) -> None:
    (tmp_path / "operations.pem").touch()
    config = tmp_path / "collector.toml"
    config.write_text(
        '[collector]\ndatabase = "later.db"\noperations_key = "operations.pem"\n[page]\nport = 0\n'
    )
    engine = open_database(database_url("later.db", tmp_path), writes=True)
    migrate(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    said = refused("notice", "--config", config, "--compound", "1", "--by", "Wang", "--clear")
    assert "collector.database: 'later.db' cannot be used" in said
    assert "9999" in said


GATE = """\
[gate]
id = "try"
compound = 1
data = "{data}"
trust = "keys/trust.json"
[camera]
kind = "simulated"
world = "world"
[thermometer]
kind = "simulated"
world = "world"
[lock]
kind = "simulated"
world = "world"
[clock]
source = "simulated"
"""


@pytest.mark.parametrize("data", ["gate.toml", "/proc/nowhere"])
def test_a_data_folder_that_cannot_be_is_named_by_sync_and_roster_apply(
    tmp_path: Path, data: str
) -> None:
    make_keys(tmp_path / "keys")
    config = tmp_path / "gate.toml"
    config.write_text(GATE.format(data=data))
    roster = tmp_path / "roster"
    roster.write_text("{}")
    assert "gate.data" in refused("gate", "sync", "--config", config)
    assert "gate.data" in refused("roster", "apply", roster, "--config", config)


def test_a_lock_is_shut_although_the_rest_of_the_settings_became_wrong(tmp_path: Path) -> None:
    # It runs when a gate has ended, and the edit that nobody had noticed may be why it cannot start again.
    config = tmp_path / "gate.toml"
    config.write_text(GATE.format(data="data").replace("compound = 1", "compund = 1"))
    answer = gatepost("lock", "secure", "--config", config)
    assert (answer.returncode, answer.stdout) == (0, "lock: shut\n"), answer.stderr


def test_a_full_disk_behind_stdout_ends_with_an_error(keys: Path, tmp_path: Path) -> None:
    file = tmp_path / "roster.json"
    file.write_text('{"compound": 1, "households": [], "residents": []}')
    command = [sys.executable, "-m", "gatepost", "roster", "sign", "--keys", str(keys), str(file)]
    with Path("/dev/full").open("w") as full:
        answer = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE_S, check=False
        )
    assert answer.returncode != 0
    assert b"No space left" in answer.stderr
