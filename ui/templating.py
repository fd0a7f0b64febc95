"""How both pages are rendered: escaped, every name defined, icons inline so that they take the text's colour."""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_ICONS: Final = Path(__file__).parent / "icons"


def environment(package: str) -> Environment:
    """The templates of a package's ``templates`` folder, and of ui's, with ``icon(name)``."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("ui")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # A program that runs while its files are renewed goes on with those it has begun with.
        auto_reload=False,
    )
    made.globals["icon"] = icon
    return made


@cache
def icon(name: str) -> Markup:
    """A Lucide icon as inline SVG; it says nothing to a screen reader, so words must stand beside it.

    Raises FileNotFoundError for an icon that is not in ui/icons.
    """
    svg = (_ICONS / f"{name}.svg").read_text(encoding="ascii")
    shape = svg[svg.index("<svg") :].split(">", 1)[1]
    return Markup(  # noqa: S704 (our own files)
        f'<svg class="icon icon-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        f"{''.join(shape.split(chr(10)))}"
    )
