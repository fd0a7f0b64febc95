"""What pip installs elsewhere than in the folder of the source."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

TREE = Path(__file__).parents[2]
FLOORS = ("checkpoint", "collector", "config", "drivers", "gatepost", "kiosk", "sync", "ui")
INSTALLED = {".py", ".toml", ".html", ".css", ".js", ".po"}


def test_a_wheel_holds_every_module_page_and_preset(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for floor in FLOORS:
        shutil.copytree(TREE / floor, source / floor)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(TREE / name, source)
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*wheel, "--wheel-dir", tmp_path, source], check=True, timeout=300)
    (built,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        held = set(archive.namelist())
    ours = {
        str(path.relative_to(source))
        for floor in FLOORS
        for path in (source / floor).rglob("*")
        if path.suffix in INSTALLED and path.is_file()
    }
    assert len(ours) > 100
    assert ours - held == set()
