"""A member of the staff at the staff page, over real HTTP."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.patience import PATIENCE_S

PASSWORD = "plum-blossom-2020"


@contextmanager
def staff(address: str) -> Iterator[httpx.Client]:
    """A client that has logged in, and that sends what the page itself would."""
    origin = address.rstrip("/")
    with httpx.Client(base_url=origin, headers={"Origin": origin}, timeout=PATIENCE_S) as client:
        answer = client.post("/log-in", data={"name": "admin", "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        client.headers["X-CSRF-Token"] = csrf_of(client.get("/live").text)
        yield client


def csrf_of(page: str) -> str:
    """The token that a page's own requests carry."""
    found = re.search('"X-CSRF-Token": "([^"]+)"', page)
    assert found is not None
    return found[1]
