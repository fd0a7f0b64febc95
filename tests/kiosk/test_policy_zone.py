"""Another policy may bring another zone: the lane, the board and the day's counts go by it without a restart."""

import html
import re
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import msgspec

from checkpoint.ids import Revision
from config.policies import load_policy
from tests.kiosk.one_gate import GATE, OneGate
from tests.kiosk.test_centre import Centre
from tests.patience import PATIENCE_S
from tests.programs import Program

OTHER = "America/New_York"


def test_the_page_of_a_running_gate_takes_the_zone_of_a_new_policy(tmp_path: Path) -> None:
    gate = OneGate(tmp_path)
    address = f"http://127.0.0.1:{gate.settings.screen.port}/"

    def page() -> str:
        try:
            return httpx.get(address, params={"lang": "en"}, timeout=PATIENCE_S).text
        except httpx.TransportError:  # not yet
            return ""

    process = Program("gate", "run", "--config", gate.compound.gate_config(GATE))
    try:
        gate.wait(lambda: 'data-zone="Asia/Shanghai"' in page())
        start = re.findall(r'data-start="([^"]*)"', page())
        gate.play(gate.pass_of(0))
        passed = gate.wait_for_passages(1)[0]
        moved = msgspec.structs.replace(
            load_policy("ordinary"), timezone=OTHER, revision=Revision(time.time_ns() // 1000)
        )
        Centre(gate).order_policy(moved)
        gate.wait(lambda: f'data-zone="{OTHER}"' in page())
        there = datetime.fromtimestamp(passed.stamp.at_us / 1_000_000, ZoneInfo(OTHER))
        assert f"{there:%H:%M}" in html.unescape(page())
        assert re.findall(r'data-start="([^"]*)"', page()) != start, "pages load themselves anew"
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        gate.store.close()
