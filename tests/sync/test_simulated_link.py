"""Seeded minutes of trouble between a gate and its collector: both sides' decisions over a bad link."""

from pathlib import Path

import pytest

from checkpoint.ids import EpochId
from tests.collector.centre import Centre as DatabaseCentre
from tests.sync.simulated_link import GATE, History, MemoryCentre

SEEDS_A_BLOCK = 25


def hashes(history: History) -> dict[tuple[EpochId, int], str]:
    """What the journal still holds."""
    return {
        (epoch, seq): row.hash
        for epoch, rows in history.journal.epochs.items()
        for seq, row in rows.items()
    }


@pytest.mark.parametrize("block", range(8))
def test_fault_46_once_the_link_is_well_the_collector_has_the_journal_exactly_once(
    block: int,
) -> None:
    for seed in range(block * SEEDS_A_BLOCK, (block + 1) * SEEDS_A_BLOCK):
        centre = MemoryCentre()
        history = History(seed, centre)
        history.run()
        stored = {
            (epoch, seq): row.hash
            for epoch, rows in centre.tables.rows.items()
            for seq, row in rows.items()
        }
        assert hashes(history).items() <= stored.items(), f"seed {seed}: lost"
        assert stored.items() <= history.journal.ever.items(), f"seed {seed}: invented"
        assert history.state.unsynced == 0, f"seed {seed}: not acknowledged"
        assert history.contradicted == [], f"seed {seed}: two honest sides contradicted each other"


class _RealCentre:
    """The collector's own tables; never restored."""

    def __init__(self, folder: Path) -> None:
        self._centre = DatabaseCentre(folder)
        self.receive = lambda payload: self._centre.deliver(payload, GATE)
        self.rows, self.close = self._centre.rows, self._centre.close

    def back_up(self) -> None:
        """Nothing to go back to."""

    def restore(self) -> None:
        """It stays as it is."""


@pytest.mark.parametrize("seed", range(1000, 1004))
def test_fault_46_the_same_holds_for_the_real_tables(tmp_path: Path, seed: int) -> None:
    centre = _RealCentre(tmp_path)
    history = History(seed, centre)
    history.run()
    stored = {
        (epoch, seq): hash_
        for epoch in history.journal.epochs
        for seq, hash_ in centre.rows(epoch).items()
    }
    centre.close()
    assert hashes(history).items() <= stored.items()
    assert stored.items() <= history.journal.ever.items()
    assert history.state.unsynced == 0
