"""gatepost lock secure: what systemd runs when a gate has ended, however it ended."""

import sys

import typer

from gatepost.cli.options import DEFAULT_GATE_CONFIG, GateConfig

app = typer.Typer(help="The lock by itself, without the gate.", no_args_is_help=True)


@app.callback()
def lock() -> None:
    """Keep the group a group although it has one command."""


@app.command()
def secure(config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Shut the lock now: a pin stays driven when its process was killed. Exit code 1: it cannot be reached.

    Only the [lock] table is looked at; the rest of the settings may be wrong or missing.
    """
    from config.settings.load import load_lock
    from drivers import DeviceError
    from kiosk.devices.locks import make_lock

    settings = load_lock(config)
    try:
        relay = make_lock(settings)
        relay.secure()
        relay.close()
    except DeviceError as error:
        print(f"lock: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    print("lock: shut")
