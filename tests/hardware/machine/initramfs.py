"""A root file system in RAM with no more than the gate needs: the machine that is frozen and thawed.

QEMU cannot save a machine that has mounted the host's files, and booting one takes longer than a power cut is worth.
So this one carries its files with it: interpreter, environment, checkout, the libraries that they link to, kernel
modules. Everything lies at the paths that it has on the host.
"""

import gzip
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.hardware.machine import kernel as kernels

_CHECKOUT = Path(__file__).parents[3]
_NOT_FOR_RUNNING = re.compile(
    r"playwright|.*mypy.*|pip|setuptools|hypothesis|grimp|ruff|pyright|importlinter|ast_serialize"
    r"|axe_.*|schemathesis.*|xdist"
)
_NOT_OF_PYTHON = re.compile(
    r"test|idlelib|tkinter|turtledemo|ensurepip|lib2to3|site-packages|config-.*"
)


def pack_everything(target: Path, modules: Path, init: Path, job: str) -> Path:
    """Write an initramfs with all that the guest needs, at the same paths; ``init`` runs ``job``."""
    wanted = [*_interpreter(), *_environment(), *_checkout(), *_walk(modules)]
    wanted += [Path(kernels.tool("modprobe"))]
    libraries = _libraries(path for path in wanted if _is_linked(path))
    entries = dict.fromkeys(
        entry for path in [*wanted, *libraries] for entry in _with_parents(path)
    )
    own = target.parent / "own"
    own.mkdir(exist_ok=True)
    with target.open("wb") as packed:
        packed.write(_cpio(Path("/"), (str(entry).lstrip("/") for entry in entries)))
        # A second archive over the first: what lies elsewhere on the host.
        _link(own / "init", init)
        _link(own / "busybox", kernels.BUSYBOX)
        (own / "job.sh").write_text(job)
        packed.write(_cpio(own, ["init", "busybox", "job.sh"]))
    return target


def _link(name: Path, to: Path) -> None:
    name.unlink(missing_ok=True)
    name.write_bytes(to.read_bytes())
    name.chmod(0o755)


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
    shown = subprocess.run(["ldd", *files], capture_output=True, text=True, check=False).stdout
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


def _cpio(folder: Path, names: Iterable[str]) -> bytes:
    made = subprocess.run(
        [kernels.tool("cpio"), "--quiet", "-o", "-H", "newc"],
        cwd=folder,
        input="\n".join(names).encode(),
        capture_output=True,
        check=True,
    )
    return made.stdout


def boot_image(folder: Path, kernel: kernels.Kernel, init: Path) -> Path:
    """The small initramfs of a machine that mounts the host's files."""
    packed = folder / "initrd.gz"
    root = folder / "initramfs"
    (root / "bin").mkdir(parents=True, exist_ok=True)
    _link(root / "bin/busybox", kernels.BUSYBOX)
    _link(root / "init", init)
    modules = kernel.modules_in_order(*kernels.FOR_BOOTING)
    for module in modules:
        _link(root / module.name, module)
    (root / "modules").write_text("".join(f"{module.name}\n" for module in modules))
    names = [str(file.relative_to(root)) for file in sorted(root.rglob("*"))]
    packed.write_bytes(gzip.compress(_cpio(root, names), 1))
    return packed
