"""Debian's stock kernel, unpacked and trimmed once into the user's cache.

    ~/.cache/gatepost/hardware/PACKAGE_VERSION/   vmlinuz, lib/modules/RELEASE/

The package is fetched with apt-get by its exact name; some 70 MB come, 25 MB stay. Nothing here needs root.
"""

import os
import shutil
import subprocess
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

META_PACKAGE = "linux-image-amd64"
TOOLS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "cpio": "cpio",
    "modprobe": "kmod",
    "depmod": "kmod",
    "iasl": "acpica-tools",
    "mkfs.ext4": "e2fsprogs",
    "debugfs": "e2fsprogs",
    "dmsetup": "dmsetup",
    "mosquitto": "mosquitto",
    "systemctl": "systemd",
    "apt-get": "apt",
}
"""Program -> the Debian package that has it."""
BUSYBOX = Path("/bin/busybox")
TOOL_WITHIN_S = 600.0

FOR_BOOTING = (
    "virtio_pci",
    "9p",
    "9pnet_virtio",
    "virtio_scsi",
    "sd_mod",
    "ext4",
    "overlay",
    "virtio_console",
)
FOR_TESTS = (
    "virtio_blk",
    "virtio_net",
    "dm_mod",
    "dm_flakey",
    "i2c-dev",
    "i2c-tiny-usb",
    "vhci-hcd",
    "vivid",
    "i6300esb",
    "autofs4",
)

_PATH = os.environ.get(
    "GATEPOST_HARDWARE_PATH", os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
)
"""Where tools are looked for; root's folders are not on everybody's PATH."""


class Missing(Exception):
    """The bench cannot run here; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A bootable kernel and the modules that go with it."""

    folder: Path
    release: str

    @property
    def image(self) -> Path:
        """What QEMU's -kernel takes."""
        return self.folder / "vmlinuz"

    def modules_in_order(self, *names: str) -> list[Path]:
        """The files of these modules and of all that they need, each after what it needs."""
        files: dict[Path, None] = {}
        for name in names:
            shown = call("modprobe", "-d", self.folder, "-S", self.release, "--show-depends", name)
            for line in shown.splitlines():
                kind, *rest = line.split()
                if kind == "insmod":
                    files[Path(rest[0])] = None
        return list(files)


def tool(name: str) -> str:
    """Where a program is, on a PATH with root's folders. Raises Missing."""
    found = shutil.which(name, path=_PATH)
    if found is None:
        raise Missing(f"{name} is missing: apt-get install {TOOLS.get(name, name)}")
    return found


def missing_tools() -> list[str]:
    """What this machine lacks for the bench, in words."""
    lacking = []
    if os.uname().machine != "x86_64":
        lacking.append(f"the virtual machine is an x86-64 one, and this is {os.uname().machine}")
    for name in TOOLS:
        try:
            tool(name)
        except Missing as missing:
            lacking.append(str(missing))
    if not BUSYBOX.exists() or "not a dynamic" not in _ldd(BUSYBOX):
        lacking.append("a static busybox is missing: apt-get install busybox-static")
    return lacking


def call(name: str, *arguments: str | Path, folder: Path | None = None) -> str:
    """Run a tool and return what it prints. Raises Missing or CalledProcessError, with its words."""
    command = [tool(name), *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=TOOL_WITHIN_S
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")
    return done.stdout


def kernel() -> Kernel:
    """The kernel in the cache, fetched first if it is not there. Raises Missing."""
    package, version = _package()
    release = package.removeprefix("linux-image-")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "gatepost/hardware"
    wanted = zlib.crc32(" ".join(FOR_BOOTING + FOR_TESTS).encode())
    folder = cache / f"{package}_{version}_{wanted:08x}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            made = _unpack(package, release, Path(scratch))
            try:
                made.rename(folder)
            except OSError:
                if not folder.exists():  # else another run has fetched it meanwhile
                    raise
    return Kernel(folder, release)


def _package() -> tuple[str, str]:
    """The package that Debian's meta package stands for today, and its version."""
    depends = call("apt-cache", "depends", META_PACKAGE).split()
    package = depends[depends.index("Depends:") + 1] if "Depends:" in depends else ""
    policy = call("apt-cache", "policy", package).split() if package else []
    if "Candidate:" not in policy:
        raise Missing(f"apt knows no {META_PACKAGE}: apt-get update")
    return package, policy[policy.index("Candidate:") + 1].replace(":", "_")


def _unpack(package: str, release: str, scratch: Path) -> Path:
    call("apt-get", "-q", "download", package, folder=scratch)
    archive = next(scratch.glob("*.deb"))
    whole = scratch / "whole"
    call("dpkg-deb", "-x", archive, whole)
    call("depmod", "-b", whole, release)
    modules = whole / "lib/modules" / release
    trimmed = scratch / "trimmed"
    kept = trimmed / "lib/modules" / release
    kept.mkdir(parents=True)
    shutil.copy(whole / "boot" / f"vmlinuz-{release}", trimmed / "vmlinuz")
    for index in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(modules / index, kept / index)
    full = Kernel(whole, release)
    for file in full.modules_in_order(*FOR_BOOTING, *FOR_TESTS):
        target = kept / file.relative_to(modules)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    call("depmod", "-b", trimmed, release)
    return trimmed


def _ldd(program: Path) -> str:
    command = ["ldd", str(program)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=TOOL_WITHIN_S
    )
    return done.stdout + done.stderr
