"""The demo's people enter the centre's database as the staff would enter them: a roster, then lost passes."""

import time

from collector.actions import admin_actions
from collector.domain.people import People
from collector.store.database import database_url, opened_database
from collector.store.orders import AdminAction
from simulation.compound import Compound


def enter(compound: Compound, people: People) -> None:
    """Import them, and revoke each one's passes below the lowest serial."""
    url = database_url(str(compound.database), compound.folder)
    with opened_database(url, writes=True) as engine:
        for person in (None, *(each for each in people.residents if each.lowest_serial)):
            action = AdminAction(who="demo", reason="demo", at_us=time.time_ns() // 1000)
            with engine.begin() as connection:
                if person is None:
                    admin_actions.import_people(connection, action, people)
                else:
                    admin_actions.revoke_below(
                        connection, action, people.compound, person.id, person.lowest_serial
                    )
