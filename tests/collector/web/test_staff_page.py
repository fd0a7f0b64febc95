"""The staff page over ASGI: logging in, rooms, filters, escaping, headers and who may ask."""

import asyncio
from functools import cache

import httpx
import msgspec
import pytest
from sqlalchemy import select

from checkpoint.ids import CompoundId, GateId
from checkpoint.records import Result
from checkpoint.verdict import Flag, Reason
from collector.actions import admin_actions
from collector.domain.accounts import hash_password
from collector.store.accounts import set_password
from collector.store.commit import take_in_state
from collector.store.orders import AdminAction
from collector.store.schema import LOGINS, SESSIONS
from collector.web.app import make_app
from config.policies import load_policy
from sync.wire.messages import StateMessage
from tests.collector.centre import NOW_US, Centre
from tests.collector.journals import GATE, START_US, batch, fever, journal, passage
from tests.collector.web.staff import PASSWORD, csrf_of
from ui.guard import Guard

_PORT = 8700
_ORIGIN = f"http://127.0.0.1:{_PORT}"
_XSS = "<img src=x onerror=alert(1)>"


@cache
def _hashed() -> str:
    """Once, and not where the tests are only collected: it takes time on purpose."""
    return hash_password(PASSWORD)


class Browser:
    """Keeps cookies, as a browser does, and asks the application in this process."""

    def __init__(self, centre: Centre) -> None:
        app = make_app(centre.engine, centre.engine, _PORT, "zh_CN", is_ending=lambda: True)
        self._app = Guard(app, _PORT)
        self.cookies = httpx.Cookies()

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._ask("GET", path, headers, None)

    def post(self, path: str, form: dict[str, str], **headers: str) -> httpx.Response:
        return self._ask("POST", path, {"Origin": _ORIGIN, **headers}, form)

    def log_in(self, password: str = PASSWORD, name: str = "admin") -> httpx.Response:
        return self.post("/log-in", {"name": name, "password": password})

    def act(self, path: str, **form: str) -> httpx.Response:
        """What a button on the page sends."""
        token = csrf_of(self.get("/alerts").text)
        return self.post(path, form, **{"X-CSRF-Token": token, "HX-Request": "true"})

    def _ask(
        self, method: str, path: str, headers: dict[str, str], form: dict[str, str] | None
    ) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(
                transport=transport, base_url=_ORIGIN, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, headers=headers, data=form)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())


@pytest.fixture
def visitor(centre: Centre) -> Browser:
    """Somebody who has not logged in."""
    with centre.engine.begin() as connection:
        set_password(connection, "admin", _hashed(), NOW_US)
    return Browser(centre)


@pytest.fixture
def admin(visitor: Browser) -> Browser:
    """The administrator, logged in."""
    assert visitor.log_in().headers["location"] == "/live"
    return visitor


@pytest.mark.parametrize(
    "path", ["/", "/live", "/alerts", "/gates", "/live/older?before=9", "/alerts/1/close"]
)
def test_nobody_sees_a_room_without_logging_in(visitor: Browser, path: str) -> None:
    answer = visitor.get(path)
    while answer.status_code == 303 and answer.headers["location"] != "/log-in":
        answer = visitor.get(answer.headers["location"])
    assert answer.headers["location"] == "/log-in"


@pytest.mark.parametrize("path", ["/events", "/events?room=alerts"])
def test_nobody_listens_without_logging_in(visitor: Browser, path: str) -> None:
    assert visitor.get(path).status_code == 401


def test_nobody_acts_without_logging_in(visitor: Browser) -> None:
    for path in ("/alerts/1/acknowledge", "/alerts/1/close", "/log-out"):
        assert visitor.post(path, {"note": "x"}).status_code == 401


def test_logging_out_ends_the_session_at_the_centre_too(admin: Browser) -> None:
    cookies = httpx.Cookies(admin.cookies)
    token = csrf_of(admin.get("/live").text)
    assert admin.post("/log-out", {"csrf": token}).headers["location"] == "/log-in"
    admin.cookies = cookies
    assert admin.get("/live").headers["location"] == "/log-in"


def test_another_password_logs_everybody_out(admin: Browser, centre: Centre) -> None:
    with centre.engine.begin() as connection:
        set_password(connection, "admin", hash_password("another-password"), NOW_US)
    assert admin.get("/live").status_code == 303
    assert admin.log_in().status_code == 401
    assert admin.log_in("another-password").status_code == 303


def test_the_sessions_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor: Browser) -> None:
    cookie = visitor.log_in().headers["set-cookie"]
    assert cookie.startswith(f"gatepost_{_PORT}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_the_database_alone_lets_nobody_in(admin: Browser, centre: Centre) -> None:
    with centre.engine.begin() as connection:
        stored = connection.execute(select(SESSIONS.c.token_name)).scalar_one()
    assert stored not in admin.cookies.values()
    admin.cookies = httpx.Cookies({f"gatepost_{_PORT}": stored})
    assert admin.get("/live").status_code == 303


def test_fault_58_a_session_is_not_the_one_that_somebody_planted(visitor: Browser) -> None:
    planted = "planted-by-somebody"
    visitor.cookies.set(f"gatepost_{_PORT}", planted, domain="127.0.0.1")
    answer = visitor.log_in()
    assert planted not in answer.headers["set-cookie"]
    visitor.cookies = httpx.Cookies({f"gatepost_{_PORT}": planted})
    assert visitor.get("/live").status_code == 303


@pytest.mark.parametrize("token", ["", "guessed"])
def test_fault_58_nothing_changes_without_the_sessions_token(
    admin: Browser, centre: Centre, token: str
) -> None:
    centre.acked(batch(journal([fever("R2")])))
    answer = admin.post("/alerts/1/acknowledge", {}, **{"X-CSRF-Token": token})
    assert answer.status_code == 403
    assert admin.post("/log-out", {"csrf": token}).status_code == 403
    assert centre.alerts()[0].state == "open"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", f"http://localhost:{_PORT}"])
def test_fault_58_another_sites_form_is_refused(admin: Browser, origin: str) -> None:
    token = csrf_of(admin.get("/live").text)
    headers = {"Origin": origin, "X-CSRF-Token": token}
    assert admin.post("/alerts/1/acknowledge", {}, **headers).status_code == 403


def test_fault_59_guessing_is_slowed_down_and_written_down(
    visitor: Browser, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The pause is of two seconds, and hashing a guess takes a part of that: here no time passes.
    monkeypatch.setattr("collector.web.logging_in.now_us", lambda: NOW_US)
    for _ in range(5):
        assert visitor.log_in("wrong-password").status_code == 401
    put_off = visitor.log_in()
    assert put_off.status_code == 429
    assert int(put_off.headers["retry-after"]) >= 1
    with centre.engine.begin() as connection:
        attempts = connection.execute(select(LOGINS.c.name, LOGINS.c.success)).all()
    assert [tuple(row) for row in attempts] == [("admin", False)] * 5


def test_fault_59_a_name_that_does_not_exist_is_answered_like_one_that_does(
    visitor: Browser,
) -> None:
    answers = [visitor.log_in("wrong-password", name) for name in ("admin", "nobody")]
    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].text == answers[1].text


def test_fault_60_markup_from_a_gate_is_only_text_in_every_room(
    admin: Browser, centre: Centre
) -> None:
    centre.acked(batch(journal([fever(_XSS)])))
    with centre.engine.begin() as connection:
        state = StateMessage(online=True, devices={_XSS: _XSS}, version=_XSS)
        take_in_state(connection, CompoundId(1), GateId("gate-a"), state, NOW_US)
    admin.act("/alerts/1/close", note=_XSS)
    for room in ("/live", "/alerts", "/gates"):
        page = admin.get(room).text
        assert "&lt;img src=x" in page
        assert "<img" not in page


def test_the_newest_record_stands_on_top(admin: Browser, centre: Centre) -> None:
    centre.acked(batch(journal([passage("R1"), fever("R2")])))
    page = admin.get("/live").text
    assert page.index(">R2</td>") < page.index(">R1</td>")


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", {"R1", "R2", "R3"}),
        ("?gate=gate-a", {"R1", "R2", "R3"}),
        ("?gate=gate-b", set()),
        ("?compound=1", {"R1", "R2", "R3"}),
        ("?compound=2", set()),
        ("?outcome=hold", {"R2"}),
        ("?outcome=refuse", {"R3"}),
        ("?outcome=nonsense", {"R1", "R2", "R3"}),
        ("?person=R1", {"R1"}),
        ("?person=R1&outcome=hold", set()),
        ("?since=2020-02-14T08:01", {"R2", "R3"}),
        ("?since=2020-02-14T08:01&until=2020-02-14T08:02", {"R2"}),
    ],
)
def test_the_url_says_what_is_shown(
    admin: Browser, centre: Centre, query: str, seen: set[str]
) -> None:
    withdrawn = passage(
        "R3",
        START_US + 120_000_000,
        result=Result.REFUSE,
        reason=Reason.REVOKED,
        flags=(Flag.REVOKED_PASS_USED,),
    )
    centre.acked(batch(journal([passage("R1"), fever("R2", START_US + 60_000_000), withdrawn])))
    with centre.engine.begin() as connection:
        take_in_state(
            connection, CompoundId(1), GateId("gate-a"), StateMessage(online=True), NOW_US
        )
    page = admin.get(f"/live{query}").text
    assert {person for person in ("R1", "R2", "R3") if f">{person}</td>" in page} == seen


def test_older_lines_are_fetched_on_demand(admin: Browser, centre: Centre) -> None:
    people = [passage(f"R{number}") for number in range(130)]
    centre.acked(batch(journal(people)))
    page = admin.get("/live").text
    assert ">R30</td>" in page
    assert ">R29</td>" not in page
    path = page.split('hx-get="/live/older')[1].split('"')[0]
    older = admin.get(f"/live/older{path}").text
    assert ">R29</td>" in older
    assert ">R0</td>" in older
    assert "hx-get" not in older


def test_an_alert_is_taken_up_by_name_and_closed_with_a_note(
    admin: Browser, centre: Centre
) -> None:
    centre.acked(batch(journal([fever("R2")])))
    assert "(1)" in admin.get("/live?lang=en").text.split("</title>")[0]
    assert "admin is on it" in admin.act("/alerts/1/acknowledge").text
    assert "(1)" not in admin.get("/live").text.split("</title>")[0]
    assert "Please write a note" in admin.act("/alerts/1/close", note=" ").text
    closed = admin.act("/alerts/1/close", note="measured again: 36.8").text
    assert "Closed by admin" in closed
    assert "measured again: 36.8" in closed


def test_two_people_cannot_both_take_up_one_alert(admin: Browser, centre: Centre) -> None:
    centre.acked(batch(journal([fever("R2")])))
    admin.act("/alerts/1/acknowledge")
    admin.get("/alerts?lang=en")
    assert "admin is already on it" in admin.act("/alerts/1/acknowledge").text
    assert "no such alert" in admin.act("/alerts/99/acknowledge").text


def test_times_are_by_the_clock_of_the_policy_in_force_in_that_compound(
    admin: Browser, centre: Centre
) -> None:
    centre.acked(batch(journal([fever("R2")])))
    said = AdminAction(who="Wang", reason="moved", at_us=NOW_US)
    with centre.engine.begin() as connection:
        take_in_state(connection, CompoundId(1), GATE, StateMessage(online=True), NOW_US)
    assert "02-14</span> <time>08:00" in admin.get("/live").text
    there = msgspec.structs.replace(load_policy("ordinary"), timezone="America/New_York")
    with centre.engine.begin() as connection:
        admin_actions.set_policy(connection, said, CompoundId(1), there)
    assert "02-13</span> <time>19:00" in admin.get("/live").text
    assert "2020-02-13 19:00" in admin.get("/alerts").text
    assert "R2" in admin.get("/live?until=2020-02-13T19:01").text
    assert "R2" not in admin.get("/live?since=2020-02-13T19:01").text


@pytest.mark.parametrize("number", [2**63, -1, 10**400])
def test_no_number_in_an_address_makes_the_page_fail(admin: Browser, number: int) -> None:
    for path in (
        f"/alerts/{number}/close",
        f"/live/older?before={number}",
        f"/events?after={number}",
    ):
        assert admin.get(path).status_code == 422
    assert admin.act(f"/alerts/{number}/acknowledge").status_code == 422


def test_a_repeat_counts_in_the_case_until_it_is_closed(admin: Browser, centre: Centre) -> None:
    rows = journal([fever("R2", START_US + n * 1_000_000) for n in range(3)])
    centre.acked(batch(rows[:1]))
    admin.act("/alerts/1/acknowledge")
    centre.acked(batch(rows[1:2]))
    assert centre.alerts() == []
    admin.act("/alerts/1/close", note="seen to")
    centre.acked(batch(rows[2:]))
    assert [(alert.id, alert.count) for alert in centre.alerts()] == [(2, 1)]


def test_the_language_is_the_configs_or_the_one_chosen_and_stays_chosen(admin: Browser) -> None:
    assert 'lang="zh-CN"' in admin.get("/alerts").text
    assert "<h1>Alerts</h1>" in admin.get("/alerts?lang=en").text
    assert "<h1>Gates</h1>" in admin.get("/gates").text
    assert "<h1>Gates</h1>" in admin.get("/gates?lang=klingon").text


def test_nothing_on_the_page_comes_from_elsewhere_or_is_inline(admin: Browser) -> None:
    answer = admin.get("/live")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    for forbidden in ("https://", " style=", "<style", "<script>", " onclick"):
        assert forbidden not in answer.text
    paths = [part.split('"')[0] for part in answer.text.split('src="')[1:]]
    assert paths
    for path in (*paths, "/static/staff.css", "/shared/tokens.css", "/shared/base.css"):
        assert admin.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/log-in", "/events", "/static/staff.js"])
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1:{_PORT}.evil.example", ""]
)
def test_a_request_under_a_foreign_name_is_refused(visitor: Browser, path: str, host: str) -> None:
    answer = visitor.get(path, Host=host)
    assert answer.status_code == 421
    assert "content-security-policy" in answer.headers


def test_localhost_is_our_own_name_too(visitor: Browser) -> None:
    assert visitor.get("/log-in", Host=f"localhost:{_PORT}").status_code == 200
