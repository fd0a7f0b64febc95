"""One virtual machine: booted from the kernel, the guest's agent at its other end, ended in order or by a cut.

The verdict is the line ``HIL rc=N`` that init prints on the console after its job. A machine that hung, was
reset or was cut prints none, and QEMU's own exit code says nothing.

The emulator is always TCG: /dev/kvm may exist without working. It is killed only by the number in its pid file.
"""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.hardware.machine import initramfs
from tests.hardware.machine import kernel as kernels
from tests.hardware.machine.guest import Guest
from tests.hardware.machine.qmp import Monitor
from tests.hardware.machine.qtest import Pins, QTest
from tests.hardware.machine.root_disk import JOB

CHECKOUT = Path(__file__).parents[3]
MEMORY_MB = 2048
"""gpio.asl's address lies at the end of it."""
BOOT_S = 180.0
GUEST = Path(__file__).parents[1] / "guest"
AGENT = f"cd {CHECKOUT} && exec {sys.executable} -m tests.hardware.guest.agent\n"
_HERE = Path(__file__).parent
_VERDICT = re.compile(r"HIL rc=(\d+)")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a machine is made of."""

    folder: Path
    """On the host, for sockets, console and disk images; the guest sees it as it was at boot."""
    arguments: Sequence[str] = ()
    """More of QEMU's."""
    root: Path | None = None
    """A disk with the guest's files; None: the host's are mounted."""
    frozen: Path | None = None
    """Where a machine of the same plan was frozen: it goes on from there instead of booting."""
    systemd: bool = False
    """Debian's systemd is process 1, with the project's units; the agent is a unit of its own."""
    limit_s: int = 1800
    """QEMU is killed after this, whatever happens."""


class Machine:
    """A running virtual machine."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.kernel = kernels.kernel()
        self.folder = plan.folder
        self.folder.mkdir(parents=True, exist_ok=True)
        for stale in ("pid", "qtest", "qmp", "agent", "scanner"):
            (self.folder / stale).unlink(missing_ok=True)
        self._process = self._start()
        until_s = time.monotonic() + BOOT_S
        try:
            self.qtest = QTest(self._socket("qtest", until_s))
            self.pins = Pins(self.qtest)
            self.guest = Guest(self._socket("agent", until_s), self.said)
            self.guest.wait_for_agent(until_s, greeted=plan.frozen is None)
            self._scanner = socket.socket(socket.AF_UNIX)
            self._scanner.connect(str(self._socket("scanner", until_s)))
        except BaseException:
            self._kill()
            raise

    def said(self) -> str:
        """The console so far."""
        with suppress(FileNotFoundError):
            return (self.folder / "console").read_text(errors="replace")
        return ""

    @property
    def runs(self) -> bool:
        """Whether QEMU is there."""
        return self._process.poll() is None

    @property
    def verdict(self) -> int | None:
        """The exit code of the guest's job; None: it has not ended, or not in order."""
        found = _VERDICT.findall(self.said())
        return int(found[-1]) if found else None

    def scan(self, text: str) -> None:
        """A code scanner on the guest's /dev/ttyS1 has read this."""
        self._scanner.sendall(text.encode() + b"\r")

    def freeze(self, file: Path) -> None:
        """Write its state to a file, from which machines of the same plan go on; this one ends."""
        monitor = Monitor(self._socket("qmp", time.monotonic() + 10))
        try:
            monitor.freeze(file, 300)
        finally:
            monitor.close()
        self.cut_power()

    def cut_power(self) -> None:
        """SIGKILL: what the guest had not handed to its disk is gone."""
        self._kill()
        self._let_go()

    def shut_down(self) -> None:
        """End the agent and power off; the machine's verdict must be 0."""
        self.guest.end()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self.cut_power()
        self._let_go()
        if self.verdict != 0:
            raise AssertionError(f"no HIL rc=0 from the machine:\n{self.said()[-3000:]}")

    def wait_for_end(self, seconds: float) -> bool:
        """Whether QEMU ends by itself within this time, as a reset ends it."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
            self._let_go()
            return True
        return False

    def _kill(self) -> None:
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int((self.folder / "pid").read_text()), signal.SIGKILL)
        self._process.wait(20)

    def _let_go(self) -> None:
        self.guest.close()
        self.qtest.close()
        self._scanner.close()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [
            *("timeout", "--signal=KILL", str(self._plan.limit_s)),
            kernels.tool("qemu-system-x86_64"),
            *("-accel", "tcg,thread=multi", "-cpu", "max", "-m", str(MEMORY_MB), "-smp", "2"),
            *("-nodefaults", "-display", "none", "-no-reboot", "-pidfile", self._path("pid")),
            *("-serial", f"file:{self._path('console')}"),
            *("-chardev", f"socket,id=scanner,path={self._path('scanner')},server=on,wait=off"),
            *("-serial", "chardev:scanner"),
            *("-acpitable", f"file={self._gpio_table()}"),
            *("-qtest", f"unix:{self._path('qtest')},server=on,wait=off", "-qtest-log", "none"),
            *("-qmp", f"unix:{self._path('qmp')},server=on,wait=off"),
            *("-device", "virtio-serial-pci"),
            *("-device", "i6300esb", "-action", "watchdog=reset"),
            *("-chardev", f"socket,id=agent,path={self._path('agent')},server=on,wait=off"),
            *("-device", "virtserialport,chardev=agent,name=gatepost.agent"),
            *self._boot(),
            *self._plan.arguments,
        ]
        if self._plan.frozen is not None:
            command += ["-incoming", f"exec:cat '{self._plan.frozen}'"]
        (self.folder / "console").write_text("")
        with (self.folder / "qemu.log").open("ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _boot(self) -> list[str]:
        memory = f"iomem=relaxed memmap=1M$0x{MEMORY_MB - 16:x}00000"
        words = f"console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable {memory} kernel={self.kernel.folder}"
        initrd = initramfs.boot_image(self.folder, self.kernel, GUEST / "init.sh")
        image = ["-kernel", str(self.kernel.image), "-initrd", str(initrd), "-append"]
        if self._plan.root is not None:
            disk = f"if=none,id=root,format=raw,readonly=on,file={self._plan.root}"
            return [
                *image,
                f"{words} hil={JOB} hil_disk=1",
                # Not the card's bus, whose driver is loaded after a thaw.
                *("-device", "virtio-scsi-pci", "-drive", disk, "-device", "scsi-hd,drive=root"),
            ]
        job = self.folder / "job.sh"
        job.write_text(AGENT)
        if self._plan.systemd:
            prepare = ["sh", GUEST / "prepare_systemd.sh", CHECKOUT, sys.base_prefix]
            words_of = [*prepare, self.kernel.folder, job]
            job.with_name("job.sh.systemd").write_text(shlex.join(map(str, words_of)))
        share = "local,path=/,mount_tag=hostroot,security_model=none,readonly=on,multidevs=remap"
        return [*image, f"{words} hil={job}", "-virtfs", share]

    def _socket(self, name: str, until_s: float) -> Path:
        path = self.folder / name
        while not path.exists():
            if not self.runs or time.monotonic() > until_s:
                raise AssertionError((self.folder / "qemu.log").read_text())
            time.sleep(0.02)
        return path

    def _path(self, name: str) -> str:
        return str(self.folder / name)

    def _gpio_table(self) -> Path:
        table = self.folder / "gpio.aml"
        if not table.exists():
            kernels.call("iasl", "-p", table.with_suffix(""), _HERE / "gpio.asl")
        return table
