"""Accounts, sessions and attempts to log in, as collector.domain.accounts wants them kept."""

import msgspec
from sqlalchemy import Connection, delete, exists, insert, select, update

from collector.domain.accounts import SESSION_IDLE_S, token_name
from collector.store.schema import ACCOUNTS, LOGINS, SESSIONS

_SEEN_EVERY_US = 60_000_000


class LoginSession(msgspec.Struct, frozen=True):
    """Somebody who is logged in."""

    name: str
    csrf: str


def has_account(connection: Connection) -> bool:
    """Whether anybody can log in."""
    return bool(connection.execute(select(exists().select_from(ACCOUNTS))).scalar_one())


def set_password(connection: Connection, name: str, password_hash: str, now_us: int) -> None:
    """Make the account or give it another password; whoever was logged in with it is logged out."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.name == name))
    values = {"password_hash": password_hash, "changed_us": now_us}
    changed = connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.name == name).values(values))
    if changed.rowcount == 0:
        connection.execute(insert(ACCOUNTS).values(name=name, **values))


def password_hash_of(connection: Connection, name: str) -> str | None:
    """The stored hash; None: there is no such account."""
    query = select(ACCOUNTS.c.password_hash).where(ACCOUNTS.c.name == name)
    return connection.execute(query).scalar_one_or_none()


def failures_us(connection: Connection, name: str, most: int = 30) -> list[int]:
    """When this name failed to log in since it last succeeded, newest first."""
    query = (
        select(LOGINS.c.at_us, LOGINS.c.success)
        .where(LOGINS.c.name == name)
        .order_by(LOGINS.c.id.desc())
        .limit(most)
    )
    failed: list[int] = []
    for at_us, success in connection.execute(query):
        if success:
            break
        failed.append(at_us)
    return failed


def note_attempt(connection: Connection, name: str, now_us: int) -> int:
    """Write an attempt down as failed, before it is judged; returns its id."""
    query = insert(LOGINS).values(name=name, at_us=now_us, success=False).returning(LOGINS.c.id)
    return int(connection.execute(query).scalar_one())


def begin_session(
    connection: Connection, attempt: int, session: LoginSession, token: str, now_us: int
) -> None:
    """The attempt succeeded: remember who holds this token, and forget sessions that have run out."""
    connection.execute(update(LOGINS).where(LOGINS.c.id == attempt).values(success=True))
    ended = SESSIONS.c.seen_us < now_us - SESSION_IDLE_S * 1_000_000
    connection.execute(delete(SESSIONS).where(ended))
    begun = {"token_name": token_name(token), "begun_us": now_us, "seen_us": now_us}
    connection.execute(insert(SESSIONS).values(**msgspec.structs.asdict(session), **begun))


def session_of(connection: Connection, token: str, now_us: int) -> tuple[LoginSession, bool] | None:
    """Who holds this token, and whether the session must be kept alive by a write; None: nobody any more."""
    query = select(SESSIONS.c.name, SESSIONS.c.csrf, SESSIONS.c.seen_us).where(
        SESSIONS.c.token_name == token_name(token)
    )
    row = connection.execute(query).one_or_none()
    if row is None or row.seen_us < now_us - SESSION_IDLE_S * 1_000_000:
        return None
    return LoginSession(row.name, row.csrf), row.seen_us < now_us - _SEEN_EVERY_US


def keep_alive(connection: Connection, token: str, now_us: int) -> None:
    """The session was used."""
    query = update(SESSIONS).where(SESSIONS.c.token_name == token_name(token))
    connection.execute(query.values(seen_us=now_us))


def end_session(connection: Connection, token: str) -> None:
    """Log out."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.token_name == token_name(token)))
