"""A gate on the bench: the unmodified programs inside the machine, their world and their observers outside.

Inside run ``gatepost gate run`` and ``gatepost gate sync``, with settings that name only real devices. Outside
are the broker, the collector, the relay's line and the door's contact. What happened is told by what was seen
from outside, and by the journal on the machine's disk.
"""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.hardware import scene
from tests.hardware.centre import Centre
from tests.hardware.guest.camera import MODULE_OPTIONS as CAMERA_OPTIONS
from tests.hardware.machine import kernel as kernels
from tests.hardware.machine.guest import GuestError
from tests.hardware.machine.qemu import Machine, Plan
from tests.hardware.machine.qtest import LineWatch

GATE = "east-in"
LOCK_LINE, DOOR_LINE, BUTTON_LINE = 17, 27, 22
GREEN_LINE, RED_LINE, BUZZER_LINE = 23, 24, 25
UNLOCK_SECONDS = 1.0
CONFIG = "/etc/gatepost/gate.toml"
DATA = "/mnt/sd/gatepost"
JOURNAL = f"{DATA}/journal.db"
HEALTHY, FEVERISH, NOBODY = 36.6, 38.2, 24.0
PAGE = "http://127.0.0.1:8600/?lang=en"
EVENTS = "http://127.0.0.1:8600/events?lang=en"
STEP_S = 0.2
CARD_MB = 192
PATIENCE_S = 150.0
CAMERA = """
kind = "device"
device = 0
width = 640
height = 480
"""
SCANNER = """
kind = "scanner"
port = "/dev/ttyS1"
baud = 115200
"""
OUTSIDE = "10.0.2.2"
"""The host's loopback as a guest of QEMU's user network sees it."""
Record = dict[str, Any]


class GateOnBench:
    """One machine with a gate's devices, before its programs are started."""

    def __init__(
        self, folder: Path, centre: Centre, *, card: Path, data: str = DATA, **plan: Any
    ) -> None:
        self.centre = centre
        self._data = data
        self._card = card
        arguments = [
            *("-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="),
            *("-drive", f"if=none,id=sd,format=raw,cache=writeback,file={card}"),
            *("-device", "virtio-blk-pci,drive=sd"),
        ]
        self.machine = Machine(Plan(folder, arguments=arguments, **plan))
        self.guest = self.machine.guest
        self.relay = LineWatch(self.machine.pins, LOCK_LINE)
        self._starts = 0

    def load_drivers(self) -> None:
        """Of everything but the card, plugged in, and the settings written."""
        for module in ("virtio_net", "i2c-dev", "i2c-tiny-usb", "vhci-hcd"):
            self.load(module)
        self.load("vivid", *CAMERA_OPTIONS)
        self.run("ip", "address", "add", "10.0.2.15/24", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "up")
        # The door is shut: its contact conducts to ground. The button is not pressed: pulled up.
        self.machine.pins.set_level(DOOR_LINE, high=False)
        self.machine.pins.set_level(BUTTON_LINE, high=True)
        bus = self.guest.ask("plug_in_thermometer")
        self.show()
        self.configure(bus)

    def configure(
        self,
        bus: int = 0,
        *,
        unlock_seconds: float = UNLOCK_SECONDS,
        camera: str = CAMERA,
        more: str = "",
    ) -> None:
        """Write the settings that the programs read at their start; ``more`` tables as TOML."""
        text = self._settings(bus, unlock_seconds, camera, more)
        self.guest.ask("write", path=CONFIG, text=text)

    def load(self, module: str, *options: str) -> None:
        """A kernel module with its parameters."""
        tree = self.machine.kernel
        self.run("modprobe", "-d", str(tree.folder), "-S", tree.release, module, *options)

    def mount_card(self) -> None:
        """The card, through the device mapper, so that it can fail later. A failure to mount raises."""
        self.load("virtio_blk")
        self.run("mkdir", "-p", "/mnt/sd")
        self.run("dmsetup", "create", "sd", "--table", f"0 {self.sectors} linear /dev/vda 0")
        self.run("mount", "-t", "ext4", "/dev/mapper/sd", "/mnt/sd")
        self.run("mkdir", "-p", f"{DATA}/spool")

    @property
    def sectors(self) -> int:
        """Of the card, 512 bytes each."""
        return self._card.stat().st_size // 512

    def run(self, *command: str) -> str:
        """A program in the guest that must succeed; returns what it printed."""
        done = self.run_for_better_or_worse(*command)
        assert done["code"] == 0, (command, done)
        return str(done["out"])

    def run_for_better_or_worse(self, *command: str) -> dict[str, Any]:
        """A program in the guest: code, out, err."""
        environment = {"DM_DISABLE_UDEV": "1"}
        done: dict[str, Any] = self.guest.ask("run", command=command, environment=environment)
        return done

    def gatepost(self, *arguments: str) -> dict[str, Any]:
        """One of our own commands in the guest."""
        done: dict[str, Any] = self.guest.ask("run_warm", arguments=arguments)
        return done

    def newest_epoch_is_whole(self) -> bool:
        """Whether ``journal verify`` finds nothing lost or changed in it. Older ones may have been salvaged."""
        found = json.loads(self.gatepost("journal", "verify", JOURNAL, "--json")["out"])
        newest = list(found["epochs"])[-1]
        return newest not in {flaw["epoch"] for flaw in found["flaws"]}

    def hand_in_roster(self) -> None:
        """Put the roster into the spool, as ``gatepost roster apply`` does."""
        text = self.centre.roster.decode()
        self.guest.ask("write", path=f"{self._data}/spool/first.json", text=text)

    def start_gate(self) -> None:
        """``gatepost gate run``."""
        self._starts += 1
        self._start("gate", "gate", "run", "--config", CONFIG)

    def start_sync(self) -> None:
        """``gatepost gate sync``."""
        self._start("sync", "gate", "sync", "--config", CONFIG)

    def signal_gate(self, number: signal.Signals) -> None:
        """To the gate's own process."""
        self.guest.ask("signal", name="gate", number=number)

    def wait_for_gate_to_end(self, within_s: float = PATIENCE_S) -> int:
        """The gate's exit code; negative: the signal it died of."""
        code = self.guest.ask("exit_code", name="gate", within_s=within_s)
        assert code is not None, "the gate does not end"
        return int(code)

    def show(self, *texts: str, celsius: float = NOBODY, **look: Any) -> None:
        """Somebody with this forehead holds these codes up; nothing: nobody is there."""
        self.guest.ask("sensor", object_celsius=celsius)
        self.guest.ask("show", picture=scene.frame(*texts, **look))

    def scan(self, text: str, celsius: float = HEALTHY) -> None:
        """Somebody with this forehead holds this code before the scanner, where there is one."""
        self.guest.ask("sensor", object_celsius=celsius)
        self.machine.scan(text)

    def sensor(self, **state: Any) -> None:
        """What the thermometer is, or what is wrong with it."""
        self.guest.ask("sensor", **state)

    def log(self, name: str) -> str:
        """What one of the programs said."""
        return str(self.guest.ask("read", path=f"/run/{name}.log"))

    def page(self) -> str:
        """What resident and volunteer see, in English."""
        return self.run("busybox", "wget", "-q", "-O", "-", PAGE)

    def mark(self) -> int:
        """A place in the journal; records() tells what came after."""
        rows = self._rows(0)
        return int(rows[-1][0]) if rows else 0

    def records(self, after: int) -> list[Record]:
        """What the gate has journalled since, oldest first."""
        return [json.loads(row[4]) for row in self._rows(after)]

    def hashes(self) -> list[tuple[str, int, str]]:
        """Epoch, seq and hash of every row."""
        return [(epoch, seq, hash_) for _, epoch, seq, hash_, _ in self._rows(0)]

    def passages(self, after: int) -> list[Record]:
        """The verdicts among them."""
        return [record for record in self.records(after) if record["kind"] == "passage"]

    def device_states(self, after: int, device: str) -> list[str]:
        """What one device has been since: ok, gone, faulty."""
        changes = [r for r in self.records(after) if r["kind"] == "device"]
        return [change["state"] for change in changes if change["device"] == device]

    def wait_for_passage(self, after: int) -> Record:
        """The first verdict since."""
        self.wait(lambda: self.passages(after), "a passage")
        return self.passages(after)[0]

    def wait_for_device(self, after: int, device: str, state: str) -> None:
        """Until it has been in this state since."""
        self.wait(lambda: state in self.device_states(after, device), f"{device} {state}")

    def pass_by(self, text: str = "", celsius: float = HEALTHY, **look: Any) -> Record:
        """Somebody new comes, holds a pass (or this text) up, and goes through if they are let in."""
        passage = self.ask_for_passage(text, celsius, **look)
        if passage["result"] == "admit":
            self.move_door(is_open=True)
            time.sleep(STEP_S)
            self.move_door(is_open=False)
        return passage

    def ask_for_passage(self, text: str = "", celsius: float = HEALTHY, **look: Any) -> Record:
        """The same, but nobody touches the door."""
        mark = self.mark()
        self.show(text or self.centre.new_pass(), celsius=celsius, **look)
        passage = self.wait_for_passage(mark)
        self.show()
        return passage

    def move_door(self, *, is_open: bool) -> None:
        """The contact's edge, from outside the machine."""
        self.machine.pins.change_level(DOOR_LINE, high=is_open)

    def press_exit_button(self) -> None:
        """For as long as a finger does."""
        for high in (False, True):
            self.machine.pins.change_level(BUTTON_LINE, high=high)
            time.sleep(STEP_S)

    def door_states(self, after: int) -> list[str]:
        """What was wrong with the door since, and no longer was."""
        return [record["state"] for record in self.records(after) if record["kind"] == "door"]

    def wait_until_ready(self) -> None:
        """The programs serve, every device works, the roster is obeyed, nobody is there, the lock is shut."""
        self.show()
        self.wait(lambda: self._gate_runs, "a gate that runs")
        self.wait(lambda: self._last_states() <= {"ok"} and self._has_roster(), "a whole gate")
        self.wait(lambda: not self.relay.is_high, "a shut lock")

    def wait(self, until: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> None:
        """Look until it is so; on a slow machine that may take its time."""
        until_s = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < until_s, f"{what}: not within {seconds:.0f} s\n{self.story()}"
            time.sleep(0.1)

    def story(self) -> str:
        """What the programs said last, and what was journalled last."""
        told = []
        for name in ("gate", "sync"):
            try:
                told.append(f"{name}: {self.log(name)[-2500:]}")
            except GuestError as error:
                told.append(f"{name}: {error}")
        return "\n".join([*told, *map(str, self._rows(0)[-4:])])

    def cut_power(self) -> None:
        """SIGKILL for the machine."""
        self.relay.close()
        self.machine.cut_power()

    def shut_down(self) -> None:
        """End the machine in order."""
        self.relay.close()
        self.machine.shut_down()

    def _start(self, name: str, *arguments: str) -> None:
        self.guest.ask("start_warm", name=name, arguments=arguments)

    @property
    def _gate_runs(self) -> bool:
        """Whether the one started last has said so; of one that is a unit nothing is known here."""
        return not self._starts or self.log("gate").count("gate runs") >= self._starts

    def _has_roster(self) -> bool:
        return any(record["kind"] == "roster" for record in self.records(0))

    def _last_states(self) -> set[str]:
        changes = [record for record in self.records(0) if record["kind"] == "device"]
        return set({change["device"]: change["state"] for change in changes}.values())

    def _rows(self, after: int) -> list[Any]:
        rows: list[Any] = self.guest.ask("rows", path=f"{self._data}/journal.db", after=after)
        return rows

    def _settings(self, bus: int, unlock_seconds: float, camera: str, more: str) -> str:
        return f"""\
[gate]
id = "{GATE}"
compound = 1
data = "{self._data}"
trust = "{self.centre.trust}"
result_seconds = 1.0
[camera]
{camera}
[thermometer]
kind = "mlx90614"
bus = {bus}
sensor = "mlx90614-bench"
[lock]
kind = "gpio"
pin = {LOCK_LINE}
unlock_seconds = {unlock_seconds}
[door]
kind = "gpio"
pin = {DOOR_LINE}
[exit_button]
kind = "gpio"
pin = {BUTTON_LINE}
[annunciator]
kind = "gpio"
green_pin = {GREEN_LINE}
red_pin = {RED_LINE}
buzzer_pin = {BUZZER_LINE}
{more}
[screen]
language = "en"
[clock]
source = "simulated"
[broker]
host = "{OUTSIDE}"
port = {self.centre.broker.port}
"""


def make_card(path: Path) -> Path:
    """An empty card: the image of an ext4 disk."""
    with path.open("wb") as image:
        image.truncate(CARD_MB << 20)
    kernels.call("mkfs.ext4", "-q", "-F", path)
    return path
