"""A collector whose database was replaced by an older copy of itself: the gates send again what it lacks."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.journal.salvage import rebuild, sound_rows
from tests.broker import Broker
from tests.faults.chain import INTAKE, SYNC, Chain
from tests.programs import gatepost
from tests.sync.journal.journal_files import write

pytestmark = pytest.mark.timeout(300)
"""Processes that start and links that are slow, on a machine that may be busy."""


@pytest.fixture
def chain(tmp_path: Path, broker: Broker) -> Iterator[Chain]:
    chain = Chain(tmp_path, broker.port)
    for name in (INTAKE, SYNC):
        chain.start(name)
    yield chain
    chain.stop()


def database_files(chain: Chain) -> list[Path]:
    return sorted(chain.compound.database.parent.glob(f"{chain.compound.database.name}*"))


def synced(chain: Chain) -> bool:
    return sum(chain.cursors().values()) == len(chain.journalled())


def back_up(chain: Chain, folder: Path) -> None:
    chain.kill(INTAKE)
    folder.mkdir()
    for file in database_files(chain):
        shutil.copy(file, folder)
    chain.start(INTAKE)


def restore(chain: Chain, folder: Path) -> None:
    chain.kill(INTAKE)
    for file in database_files(chain):
        file.unlink()
    for file in folder.iterdir():
        shutil.copy(file, chain.compound.database.parent)


def test_a_restored_collector_gets_every_epoch_again_although_nothing_new_happens(
    chain: Chain, tmp_path: Path
) -> None:
    write(chain.journal, 10)
    chain.wait(lambda: synced(chain))
    back_up(chain, tmp_path / "backup")
    write(chain.journal, 10)
    rebuild(chain.journal, sound_rows(chain.journal))
    write(chain.journal, 10)
    chain.wait(lambda: synced(chain))
    restore(chain, tmp_path / "backup")
    assert len(chain.stored()) == 10
    done = gatepost("collector", "restored", "--config", chain.compound.collector_config)
    assert done.returncode == 0
    assert "will send again" in done.stdout
    chain.start(INTAKE)
    chain.wait(lambda: chain.stored() == chain.journalled())
    assert chain.stored() == chain.journalled()
    assert len(chain.stored()) == 30


def test_a_collector_that_was_restored_without_a_word_gets_the_epoch_again_in_which_something_happens(
    chain: Chain, tmp_path: Path
) -> None:
    write(chain.journal, 10)
    chain.wait(lambda: synced(chain))
    back_up(chain, tmp_path / "backup")
    write(chain.journal, 300)
    chain.wait(lambda: synced(chain))
    restore(chain, tmp_path / "backup")
    chain.start(INTAKE)
    write(chain.journal, 1)
    chain.wait(lambda: chain.stored() == chain.journalled())
    assert chain.stored() == chain.journalled()
    assert len(chain.stored()) == 311
    chain.wait(lambda: synced(chain))
    assert synced(chain)


def test_saying_so_of_a_database_that_is_not_there_names_the_key(tmp_path: Path) -> None:
    config = tmp_path / "collector.toml"
    (tmp_path / "operations.pem").touch()
    config.write_text(
        '[collector]\ndatabase = "none.db"\noperations_key = "operations.pem"\n[page]\nport = 0\n'
    )
    done = gatepost("collector", "restored", "--config", config)
    assert done.returncode == 2
    assert "collector.database" in done.stderr
    assert not (tmp_path / "none.db").exists()
