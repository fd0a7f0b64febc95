"""Fixtures of the collector's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collector.centre import Centre


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A new collector database."""
    centre = Centre(tmp_path)
    yield centre
    centre.close()
