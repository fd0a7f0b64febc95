"""A disk with no more than the gate needs: the root of the machine that is frozen and thawed.

QEMU cannot save a machine that has mounted the host's files, and what is loaded through such a mount loads slowly.
So this one has its files on a disk that is only read: interpreter, environment, checkout, the libraries that they
link to, kernel modules, a few programs. Everything lies at the path that it has on the host.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.hardware.machine import kernel as kernels

JOB = Path("/job.sh")
"""What the guest runs."""
_CHECKOUT = Path(__file__).parents[3]
_PROGRAMS = ("modprobe", "dmsetup", "debugfs", "grep")
"""Busybox has the rest."""
_FOLDERS = ("proc", "sys", "dev", "run", "tmp", "mnt", "etc")
_SPARE_MB = 64
_NOT_FOR_RUNNING = re.compile(
    r"playwright|.*mypy.*|pip|setuptools|hypothesis|grimp|ruff|pyright|importlinter|ast_serialize"
    r"|axe_.*|schemathesis.*|xdist|_?pytest|sqlalchemy|alembic|openpyxl|xlsxwriter"
)
_NOT_OF_PYTHON = re.compile(
    r"test|idlelib|tkinter|turtledemo|ensurepip|lib2to3|site-packages|config-.*"
)


def make_root_disk(image: Path, modules: Path, job: str) -> Path:
    """Write an ext4 image with all that the guest needs, at the same paths."""
    wanted = [*_interpreter(), *_environment(), *_checkout(), *_walk(modules)]
    wanted += [kernels.BUSYBOX, *(Path(kernels.tool(name)) for name in _PROGRAMS)]
    libraries = _libraries(path for path in wanted if _is_linked(path))
    root = image.with_suffix("")
    root.mkdir()
    staged_bytes = 0
    for entry in dict.fromkeys(e for path in [*wanted, *libraries] for e in _with_parents(path)):
        staged_bytes += _stage(entry, root / entry.relative_to("/"))
    for name in _FOLDERS:
        (root / name).mkdir(exist_ok=True)
    (root / JOB.relative_to("/")).write_text(job)
    _link_applets(root)
    megabytes = _SPARE_MB + staged_bytes * 5 // 4 // 2**20
    kernels.call(
        *("mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-m", "0"),
        *("-d", root, image, f"{megabytes}M"),
    )
    shutil.rmtree(root)
    return image


def _stage(entry: Path, place: Path) -> int:
    """Put it there without copying where that can be; the bytes that a file will take."""
    if entry.is_symlink():
        place.symlink_to(entry.readlink())
    elif entry.is_dir():
        place.mkdir()
    else:
        try:
            place.hardlink_to(entry)
        except OSError:  # another file system
            shutil.copy(entry, place)
        return 4096 + entry.stat().st_size
    return 4096


def _link_applets(root: Path) -> None:
    for name in kernels.call("busybox", "--list").split():
        place = root / "usr/bin" / name
        if not os.path.lexists(place):
            place.symlink_to(kernels.BUSYBOX)


def _interpreter() -> Iterator[Path]:
    yield Path(sys.executable)
    library = Path(sys.base_prefix) / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}"
    for path in library.iterdir():
        if not _NOT_OF_PYTHON.fullmatch(path.name):
            yield from _walk(path)


def _environment() -> Iterator[Path]:
    yield Path(sys.prefix) / "pyvenv.cfg"
    packages = next(Path(folder) for folder in sys.path if folder.endswith("site-packages"))
    for path in packages.iterdir():
        if not _NOT_FOR_RUNNING.fullmatch(path.name.split("-")[0].removesuffix(".libs")):
            yield from _walk(path)


def _checkout() -> Iterator[Path]:
    patterns = ("*.py", "*.toml", "*.html", "*.css", "*.js", "*.mo", "*.po", "*.json", "*.svg")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=_CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
        timeout=kernels.TOOL_WITHIN_S,
    )
    for name in listed.stdout.splitlines():
        path = _CHECKOUT / name
        if path.exists():
            yield path
            compiled = (
                path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
            )
            if path.suffix == ".py" and compiled.exists():
                yield compiled


def _libraries(linked: Iterable[Path]) -> set[Path]:
    files = [str(path) for path in linked]
    shown = subprocess.run(
        ["ldd", *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=kernels.TOOL_WITHIN_S,
    ).stdout
    found = re.findall(r"=> (/\S+)|^\s+(/\S+ld-linux\S+)", shown, re.MULTILINE)
    return {Path(one or other) for one, other in found}


def _is_linked(path: Path) -> bool:
    return path.is_file() and (".so" in path.name or path.parent.name in {"bin", "sbin"})


def _walk(path: Path) -> Iterator[Path]:
    if path.is_dir() and not path.is_symlink():
        for inner in path.iterdir():
            yield from _walk(inner)
    else:
        yield path


def _with_parents(path: Path) -> Iterator[Path]:
    """Everything that must be there for this path to lead to its file, each link as a link."""
    here = Path("/")
    parts = list(path.absolute().parts[1:])
    while parts:
        part = parts.pop(0)
        if part == "..":
            here = here.parent
            continue
        step = here / part
        yield step
        if step.is_symlink():
            to = step.readlink()
            here = Path("/") if to.is_absolute() else here
            parts = [*(p for p in to.parts if p != "/"), *parts]
        else:
            here = step
