"""Every library that a wheel of ours links to is one that ./run installs: this machine may have more than a new one."""

import re
import subprocess
import sys
from collections.abc import Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile

from tests.debian_packages import Packages, installed, owners_of

ROOT: Final = Path(__file__).parents[1]
# What whoever starts has: README names Debian; git fetched this, python3 made the environments.
GIVEN: Final = ("python3", "git")
ENVIRONMENTS: Final = (Path(sys.prefix), ROOT / ".venv-oracle")
ELF_MAGIC: Final = b"\x7fELF"


@dataclass(frozen=True, slots=True)
class Linked:
    """A file that the loader reads."""

    path: Path
    soname: str
    needed: tuple[str, ...]
    """Sonames."""


def named_by_run(*verbs: str) -> list[str]:
    """Every package that these install, under each of its names."""
    command = [str(ROOT / "run"), "packages"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    lines = dict(line.split(": ") for line in said.stdout.splitlines())
    return [name for verb in verbs for name in lines[verb].replace("|", " ").split()]


@cache
def linked(environment: Path) -> tuple[Linked, ...]:
    """The ELF files for this machine's processor."""
    found = (read(path) for path in environment.rglob("*") if not path.is_symlink())
    return tuple(each for each in found if each is not None)


def read(path: Path) -> Linked | None:
    """None: no ELF file, one for another processor, or one that links to nothing."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        if file.read(len(ELF_MAGIC)) != ELF_MAGIC:
            return None
        elf = ELFFile(file)
        dynamic = elf.get_section_by_name(".dynamic")
        if elf.header.e_machine != machine() or not isinstance(dynamic, DynamicSection):
            return None
        tags: list[Any] = list(dynamic.iter_tags())  # each has an attribute named after its tag
    needed = tuple(tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED")
    sonames = [tag.soname for tag in tags if tag.entry.d_tag == "DT_SONAME"]
    return Linked(path, sonames[0] if sonames else path.name, needed)


@cache
def machine() -> str:
    """As this interpreter's own ELF header says."""
    with Path(sys.executable).open("rb") as own:
        return str(ELFFile(own).header.e_machine)


def unmet(environment: Path, packages: Set[str]) -> dict[str, list[str]]:
    """Each file with the libraries that come neither from its environment nor from these packages."""
    files = linked(environment)
    brought = {each.soname for each in files} | {each.path.name for each in files}
    wanted = {soname for each in files for soname in each.needed} - brought
    lacking = {soname for soname, owners in owners_of(wanted).items() if not owners & packages}
    found = {str(each.path): sorted(lacking.intersection(each.needed)) for each in files}
    return {path: sonames for path, sonames in found.items() if sonames}


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda path: str(path.name))
def test_a_new_machine_has_every_library_that_an_environment_links_to(environment: Path) -> None:
    packages = installed().closure([*GIVEN, *named_by_run("demo", "test")])
    assert linked(environment), "each environment has compiled parts"
    assert unmet(environment, packages) == {}


def test_without_the_tests_packages_only_opencv_s_windows_and_the_tests_browser_lack_anything() -> (
    None
):
    packages = installed().closure([*GIVEN, *named_by_run("demo")])
    missing = unmet(Path(sys.prefix), packages).items()
    # Gatepost opens no window by OpenCV.
    window = ["libICE.so.6", "libSM.so.6"]
    expected = {"libqxcb.so": window, "libQt5XcbQpa": window}
    if "libatomic1" not in packages:  # in Debian 13 it comes with libgl1
        expected["node"] = ["libatomic.so.1"]
    assert {re.sub(r"-.*", "", Path(path).name): sonames for path, sonames in missing} == expected


def test_a_closure_has_what_is_depended_on_by_any_of_its_names_and_nothing_else_that_is_installed() -> (
    None
):
    known = Packages(
        depends={"base": (), "broker": ("tls", "db-api"), "tls": (), "db-a": (), "other": ()},
        provided_by={"db-api": "db-a"},
        essential=frozenset({"base"}),
    )
    assert known.closure(["broker"]) == {"broker", "tls", "db-a", "base"}
