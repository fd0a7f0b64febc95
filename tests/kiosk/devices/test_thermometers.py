"""One value in the settings chooses the thermometer."""

from pathlib import Path

import pytest

from config.settings import GateSettings
from config.settings.error import ConfigError
from config.settings.load import load_gate
from drivers import DeviceGone, Thermometer
from drivers.thermometer.mlx90614 import Mlx90614
from drivers.thermometer.mlx90632 import Mlx90632
from kiosk.devices.thermometers import accuracy_celsius, make_thermometer, variant_of
from simulation.compound import Compound, found

REAL = 'kind = "{kind}"\nbus = 250\nsensor = "s1"\n'


@pytest.fixture
def compound(tmp_path: Path) -> Compound:
    return found(tmp_path, 1, unlock_seconds=1)


def settings_with(compound: Compound, table: str) -> GateSettings:
    path = compound.gate_config("east-in")
    before, _, after = path.read_text().partition("[thermometer]\n")
    _, _, rest = after.partition("\n[")
    path.write_text(f"{before}[thermometer]\n{table}\n[{rest}")
    return load_gate(path)


@pytest.mark.parametrize(
    ("kind", "driver", "address", "variant", "accuracy"),
    [
        ("mlx90614", Mlx90614, "0x5a", "generic", 0.5),
        ("mlx90632", Mlx90632, "0x3a", "medical", 0.2),
    ],
)
def test_the_kind_chooses_the_driver_and_what_is_said_of_its_accuracy(
    compound: Compound,
    kind: str,
    driver: type[Thermometer],
    address: str,
    variant: str,
    accuracy: float,
) -> None:
    settings = settings_with(compound, REAL.format(kind=kind))
    thermometer = make_thermometer(settings)
    assert isinstance(thermometer, driver)
    with pytest.raises(DeviceGone, match=r"thermometer\.bus: /dev/i2c-250"):
        thermometer.sample()
    assert (variant_of(settings), accuracy_celsius(settings)) == (variant, accuracy)
    part = settings.thermometer
    assert part.kind != "simulated"
    assert f"{part.address:#04x}" == address


@pytest.mark.parametrize(("model", "name"), [("mlx90614", "MLX90614"), ("mlx90632", "MLX90632")])
def test_the_simulated_kind_plays_either_model(compound: Compound, model: str, name: str) -> None:
    world = compound.world("east-in")
    settings = settings_with(
        compound, f'kind = "simulated"\nworld = "{world}"\nmodel = "{model}"\n'
    )
    assert make_thermometer(settings).identity().model == name


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("emissivity = 0.4", "thermometer.emissivity: input should be greater than or equal to"),
        ('part = "medical"', "thermometer.part: unknown key"),
        ("adress = 0x3B", "thermometer.adress: unknown key; did you mean address?"),
        ("address = 0x78", "thermometer.address: input should be less than or equal to 119"),
    ],
)
def test_a_wrong_value_of_the_mlx90632_names_its_key(
    compound: Compound, line: str, problem: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        settings_with(compound, REAL.format(kind="mlx90632") + line + "\n")
    assert [each.startswith(problem) for each in caught.value.problems] == [True], (
        caught.value.problems
    )
