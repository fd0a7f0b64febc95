"""A config file: every mistake at once, each with its key and a way to mend it."""

from pathlib import Path

import pytest

from config.settings import DeviceCameraTable, PicturesCameraTable, SimulatedThermometerTable
from config.settings.error import ConfigError
from config.settings.load import load_collector, load_gate

GATE = """\
[gate]
id = "east-in"
compound = 100
data = "data"
trust = "/etc/gatepost/trust.json"

[camera]
kind = "device"
device = 0

[thermometer]
kind = "simulated"
world = "world"

[lock]
kind = "gpio"
pin = 17
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "gate.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_gate(write(folder, text))
    assert str(caught.value).startswith(str(folder / "gate.toml"))
    return caught.value.problems


def test_a_short_file_is_enough_and_the_rest_has_defaults(tmp_path: Path) -> None:
    settings = load_gate(write(tmp_path, GATE))
    assert isinstance(settings.camera, DeviceCameraTable)
    assert isinstance(settings.thermometer, SimulatedThermometerTable)
    assert (settings.gate.direction, settings.broker.port, settings.screen.port) == (
        "in",
        1883,
        8600,
    )


def test_relative_paths_are_taken_from_the_files_folder(tmp_path: Path) -> None:
    text = GATE.replace(
        'kind = "device"\ndevice = 0', 'kind = "pictures"\npaths = ["a.png", "/b.png"]'
    )
    settings = load_gate(write(tmp_path, text))
    assert settings.gate.data == tmp_path / "data"
    assert settings.gate.trust == Path("/etc/gatepost/trust.json")
    assert isinstance(settings.thermometer, SimulatedThermometerTable)
    assert settings.thermometer.world == tmp_path / "world"
    assert isinstance(settings.camera, PicturesCameraTable)
    assert settings.camera.paths == (tmp_path / "a.png", Path("/b.png"))


def test_relative_paths_do_not_depend_on_where_the_program_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, GATE)
    monkeypatch.chdir(tmp_path)
    assert load_gate(Path("gate.toml")).gate.data == tmp_path / "data"


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    text = (
        GATE.replace('id = "east-in"', 'id = "East In"')
        .replace("compound = 100", "compund = 100")
        .replace("device = 0", "device = 64\nwidht = 640")
        .replace('kind = "simulated"', 'kind = "mlx90641"')
        .replace("pin = 17", 'pin = "x"')
    )
    found = problems(tmp_path, text + "\n[brocker]\nport = 1\n")
    assert sorted(found) == [
        "brocker: unknown key; did you mean broker?",
        "camera.device: use 0 to 63, or a path such as /dev/v4l/by-id/..., not 64",
        "camera.widht: unknown key; did you mean width?",
        "gate.compound: is missing; add it",
        "gate.compund: unknown key; did you mean compound?",
        "gate.id: use lower-case letters, digits and hyphens, at most 32, not 'East In'",
        "lock.pin: input should be a valid integer, not 'x'",
        "thermometer.kind: 'mlx90641' is unknown; use one of mlx90614, mlx90632, simulated",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'kind = "gpio"\npin = 17',
            "pin = 17",
            "lock.kind: is missing; use one of gpio, simulated",
        ),
        ('[lock]\nkind = "gpio"\npin = 17\n', "", "lock: is missing; add it"),
        (
            'kind = "device"\ndevice = 0',
            'kind = "pictures"\npaths = []',
            "camera.paths: tuple should have at least 1 item after validation, not 0, not []",
        ),
        (
            "pin = 17",
            "pin = 17\nzzzz = 1",
            "lock.zzzz: unknown key; known here: kind, pin, active_high, unlock_seconds",
        ),
        (
            "pin = 17",
            "pin = 17\nunlock_seconds = nan",
            "lock.unlock_seconds: input should be less than or equal to 30, not nan",
        ),
        ("compound = 100", "compound = 65536", None),
        ('id = "east-in"', 'id = "-east"', None),
        ('id = "east-in"', f'id = "{"a" * 33}"', None),
    ],
)
def test_one_mistake_is_told_with_its_key(
    tmp_path: Path, old: str, new: str, expected: str | None
) -> None:
    (found,) = problems(tmp_path, GATE.replace(old, new))
    assert expected is None or found == expected
    assert found.split(":")[0].split(".")[0] in {"gate", "lock", "camera"}


@pytest.mark.parametrize("line", ["camera = 3", "camera = []", 'camera = "device"'])
def test_a_value_where_a_table_belongs_is_told_and_not_a_crash(tmp_path: Path, line: str) -> None:
    text = GATE.replace('[camera]\nkind = "device"\ndevice = 0\n', "")
    (found,) = problems(tmp_path, f"{line}\n{text}")
    assert found.startswith("camera")


@pytest.mark.parametrize("kind", ["3", "[]", "{}", "true"])
def test_a_kind_of_another_type_is_told_and_not_a_crash(tmp_path: Path, kind: str) -> None:
    (found,) = problems(tmp_path, GATE.replace('kind = "gpio"', f"kind = {kind}"))
    assert found.startswith("lock.kind")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[gate\n", "is not TOML"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_toml_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "gate.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        load_gate(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_gate(tmp_path / "gate.toml")


def test_a_collectors_file_is_read_and_judged_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "collector.toml"
    path.write_text('[collector]\ndatabase = "collector.db"\noperations_key = "operations.pem"\n')
    assert load_collector(path).collector.operations_key == tmp_path / "operations.pem"
    path.write_text("[collector]\nfold_minute = 1\n")
    with pytest.raises(ConfigError) as caught:
        load_collector(path)
    assert sorted(caught.value.problems) == [
        "collector.database: is missing; add it",
        "collector.fold_minute: unknown key; did you mean fold_minutes?",
        "collector.operations_key: is missing; add it",
    ]
