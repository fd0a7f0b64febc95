"""What a Debian package brings along, as dpkg on this machine tells it, whatever else is installed here."""

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_FIELDS: Final = "${Package}\t${Essential}\t${Provides}\t${Pre-Depends}, ${Depends}\n"


@dataclass(frozen=True, slots=True)
class Packages:
    """Those that are installed."""

    depends: Mapping[str, tuple[str, ...]]
    """Of alternatives the first: it is what apt takes where none is installed."""
    provided_by: Mapping[str, str]
    essential: frozenset[str]

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """These, what is essential, and whatever any of them depends on, as far as it is installed."""
        found: set[str] = set()
        waiting = [*names, *self.essential]
        while waiting:
            wanted = waiting.pop()
            name = wanted if wanted in self.depends else self.provided_by.get(wanted, wanted)
            if name not in found:
                found.add(name)
                waiting.extend(self.depends.get(name, ()))
        return frozenset(found)


def installed() -> Packages:
    """As dpkg-query says. Raises CalledProcessError or FileNotFoundError where there is no dpkg."""
    depends, provided_by, essential = {}, {}, set()
    for line in _ask("-W", "-f", _FIELDS).splitlines():
        name, is_essential, provides, needs = line.split("\t")
        depends[name] = tuple(_first_names(needs))
        provided_by.update(dict.fromkeys(_first_names(provides), name))
        if is_essential == "yes":
            essential.add(name)
    return Packages(depends, provided_by, frozenset(essential))


def owners_of(sonames: Iterable[str]) -> dict[str, frozenset[str]]:
    """For each shared library the packages that brought a file of this name; none: nothing of Debian's has it."""
    found: dict[str, set[str]] = {soname: set() for soname in sonames}
    # dpkg-query ends with 1 where one of the patterns is nobody's.
    for line in _ask("-S", *(f"*/{soname}" for soname in found), check=False).splitlines():
        packages, _, path = line.partition(": ")
        soname = path.rpartition("/")[2]
        if soname in found:
            found[soname].update(each.partition(":")[0] for each in packages.split(", "))
    return {soname: frozenset(packages) for soname, packages in found.items()}


def _first_names(relations: str) -> Iterable[str]:
    """``a (>= 1), b | c`` names a and b."""
    for relation in relations.split(","):
        name = re.match(r"\s*([a-z0-9][a-z0-9+.-]*)", relation)
        if name:
            yield name[1]


def _ask(*arguments: str, check: bool = True) -> str:
    command = ["dpkg-query", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=check)
    return done.stdout
