"""Everything that can be wrong with a roster file, each with words in the catalogues: what is, what would be right."""

import enum
from dataclasses import dataclass, field


class Mistake(enum.Enum):
    """Codes; ``{names}`` of the words' places to fill stand beside each."""

    # The file as a whole
    TOO_LARGE = enum.auto()  # limit
    OLD_EXCEL = enum.auto()
    DAMAGED = enum.auto()
    UTF_16 = enum.auto()
    NOT_TEXT = enum.auto()
    MIXED_ENCODINGS = enum.auto()  # given, other
    QUOTES = enum.auto()
    TOO_MANY_ROWS = enum.auto()  # limit
    TOO_WIDE = enum.auto()  # limit
    NO_ROWS = enum.auto()
    # Headings
    UNKNOWN_HEADING = enum.auto()  # given, known
    MISSPELT_HEADING = enum.auto()  # given, close
    HEADING_TWICE = enum.auto()  # given, other
    NO_COLUMN = enum.auto()  # given
    NO_HEADING = enum.auto()  # given
    # Any cell
    FORMULA = enum.auto()
    SPREADSHEET_ERROR = enum.auto()
    CONTROL_CHARACTER = enum.auto()
    TOO_LONG = enum.auto()  # limit
    EMPTY = enum.auto()  # example
    # What one cell says
    BAD_ID = enum.auto()  # given
    ROUNDED = enum.auto()  # given
    BAD_PHONE = enum.auto()  # given
    BAD_COMPOUND = enum.auto()  # given
    HOME_AS_DATE = enum.auto()  # given
    UNKNOWN_WORD = enum.auto()  # given, known
    MISSPELT_WORD = enum.auto()  # given, close
    BAD_DATE = enum.auto()  # given
    DATE_WITH_TIME = enum.auto()  # given
    DATE_AS_NUMBER = enum.auto()  # given
    BAD_WINDOWS = enum.auto()  # given: a sentence of checkpoint.hours_text
    # What several cells say together
    OTHER_COMPOUND = enum.auto()  # given, other, line
    ENDS_BEFORE = enum.auto()  # given, other
    NO_HOUSEHOLD = enum.auto()
    HALF_HOME = enum.auto()  # given
    COLOUR_ALONE = enum.auto()
    SHARED_HOME = enum.auto()  # given, known
    NO_BUILDING = enum.auto()  # given
    DISAGREES = enum.auto()  # given, other, line, household


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, where it is, and what its words need."""

    line: int
    """As the file has them, from 1; 0: the file as a whole."""
    column: str
    """The heading as the file has it; empty: the whole line."""
    mistake: Mistake
    values: dict[str, str] = field(default_factory=dict)


class Unreadable(Exception):
    """No cell of the file can be read; ``problem`` says why."""

    def __init__(self, mistake: Mistake, line: int = 0, **values: str) -> None:
        self.problem = Problem(line, "", mistake, values)
        super().__init__(self.problem)


class WrongCell(ValueError):
    """A cell does not say what its column is for."""

    def __init__(self, mistake: Mistake, **values: str) -> None:
        self.mistake, self.values = mistake, values
        super().__init__(mistake)


def shortened(text: str) -> str:
    """A cell's text for a message: on one line, at most 40 characters, nothing that a terminal would obey."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[:41])
    return shown if len(text) <= 40 else shown[:40] + "…"
