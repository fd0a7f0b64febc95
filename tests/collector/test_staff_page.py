"""The staff page over ASGI: languages, escaping, headers and who may ask."""

import asyncio

import httpx
import pytest

from checkpoint.ids import CompoundId, GateId
from collector.store.commit import take_in_state
from collector.web.app import make_app
from sync.wire import State
from tests.collector.centre import NOW_US, Centre
from tests.collector.journals import batch, fever, journal, passage
from ui.guard import Guard

_PORT = 8700
_XSS = "<img src=x onerror=alert(1)>"


def _get(centre: Centre, path: str, host: str = f"127.0.0.1:{_PORT}") -> httpx.Response:
    app = Guard(make_app(centre.engine, "zh_CN", stopping=lambda: True), _PORT)

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get(path, headers={"Host": host})

    return asyncio.run(get())


def test_the_page_shows_records_alerts_and_gates_newest_first(centre: Centre) -> None:
    centre.acked(batch(journal([passage("R1"), fever("R2")])))
    with centre.engine.begin() as connection:
        state = State(online=True, unsynced=41, devices={"camera": "gone"})
        take_in_state(connection, CompoundId(1), GateId("gate-a"), state, NOW_US)
    page = _get(centre, "/").text
    assert page.index("R2</td>", page.index('id="log"')) < page.index("R1</td>")
    assert "立即处理" in page
    assert "摄像头：无响应" in page
    assert ">41<" in page


def test_the_language_is_the_configs_or_the_one_asked_for(centre: Centre) -> None:
    assert 'lang="zh-CN"' in _get(centre, "/").text
    assert "<h1>Gate log</h1>" in _get(centre, "/?lang=en").text
    assert _get(centre, "/?lang=xx").status_code == 422


def test_fault_11_markup_in_a_record_is_only_text_on_the_page(
    centre: Centre,
) -> None:
    centre.acked(batch(journal([fever(_XSS)])))
    page = _get(centre, "/").text
    assert "&lt;img src=x" in page
    assert "<img" not in page


def test_nothing_on_the_page_comes_from_elsewhere_or_is_inline(centre: Centre) -> None:
    answer = _get(centre, "/")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert " style=" not in answer.text
    for path in ("/static/live.js", "/static/staff.css", "/shared/tokens.css"):
        assert path in answer.text
        assert _get(centre, path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/events", "/static/live.js"])
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1:{_PORT}.evil.example", ""]
)
def test_a_request_under_a_foreign_name_is_refused(centre: Centre, path: str, host: str) -> None:
    answer = _get(centre, path, host)
    assert answer.status_code == 421
    assert "content-security-policy" in answer.headers


def test_localhost_is_our_own_name_too(centre: Centre) -> None:
    assert _get(centre, "/", f"localhost:{_PORT}").status_code == 200
