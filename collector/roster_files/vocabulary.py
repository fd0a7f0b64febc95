"""The words that cells are filled with, in Chinese and English; the first two of a line are the ones written."""

import enum
from difflib import get_close_matches
from typing import Final, Generic, TypeVar

from checkpoint.entry_pass import Kind
from checkpoint.people import Colour, Entries
from collector.roster_files.headings import folded
from collector.roster_files.mistakes import Mistake, WrongCell, shortened

Code = TypeVar("Code", bound=enum.Enum)


class Vocabulary(Generic[Code]):
    """Codes and their words."""

    def __init__(self, words: dict[Code, str]) -> None:
        self._written = {code: text.split(",")[:2] for code, text in words.items()}
        self._code_of = {folded(w): code for code, text in words.items() for w in text.split(",")}

    def code(self, text: str) -> Code:
        """The code of a word in either language. Raises WrongCell."""
        plain = folded(text)
        if plain in self._code_of:
            return self._code_of[plain]
        given, close = shortened(text), get_close_matches(plain, self._code_of, n=1)
        if close:
            word = " ".join(self._written[self._code_of[close[0]]])
            raise WrongCell(Mistake.MISSPELT_WORD, given=given, close=word)
        known = ", ".join(" ".join(words) for words in self._written.values())
        raise WrongCell(Mistake.UNKNOWN_WORD, given=given, known=known)

    def word(self, code: Code, *, chinese: bool) -> str:
        """The word to write."""
        return self._written[code][chinese]


COLOURS: Final = Vocabulary(
    {
        Colour.GREEN: "green,绿,绿色,绿码",
        Colour.YELLOW: "yellow,黄,黄色,黄码",
        Colour.ORANGE: "orange,橙,橙色,橙码,橘,橘色",
        Colour.RED: "red,红,红色,红码",
        Colour.WHITE: "white,白,白色,vacant,空置,空房",
    }
)
KINDS: Final = Vocabulary(
    {
        Kind.RESIDENT: "resident,居民,住户,业主,租户",
        Kind.DUTY: "duty,值守,值班,值守人员,值班人员",
        Kind.WORKER: "worker,工作人员,务工人员,员工,工人,职工",
        Kind.VISITOR: "visitor,访客,来访,来访人员",
        Kind.VEHICLE: "vehicle,车辆,车,机动车",
    }
)
ENTRIES: Final = Vocabulary(
    {
        Entries.ONE: "one,单次,一次,1,1次,once,single",
        Entries.MANY: "many,多次,不限,不限次数,multiple,unlimited",
    }
)


_CHINESE_MARKS: Final = {
    "medical": "医护,医疗,医务,医护人员,医务人员",
    "volunteer": "志愿者",
    "lives-alone": "独居,独居老人",
    "low-income": "低保,低收入,低保户",
    "building-warden": "楼长,楼栋长",
}
"""Marks that policies and volunteers know. A roster may have others, which stay as they are."""
_MARK_OF: Final = {
    folded(word): mark
    for mark, words in _CHINESE_MARKS.items()
    for word in (mark, *words.split(","))
}


def mark_of(text: str) -> str:
    """A mark as policies name it."""
    return _MARK_OF.get(folded(text), text.casefold())


def mark_word(mark: str, *, chinese: bool) -> str:
    """The word to write."""
    words = _CHINESE_MARKS.get(mark) if chinese else None
    return words.split(",")[0] if words else mark
