"""CSV as offices write it, and as nobody should."""

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.roster_files.csv_text import escaped, escaped_again, read_csv, unescaped
from collector.roster_files.line import LARGEST_COLUMNS, LARGEST_ROWS, LONGEST_CELL
from collector.roster_files.mistakes import Unreadable
from collector.roster_files.people import read_people
from tests.collector.roster_files.tables import rows_as_csv

HEADINGS = ["编号", "姓名", "小区", "类别", "标记"]
ROWS = [HEADINGS, ["P1", "张小三", "1", "值守", "志愿者;独居"], ["P2", "李,四", "1", "访客", ""]]
SAID = tuple(tuple(row) for row in ([*ROWS[:2], ["P2", "李,四", "1", "访客"]]))


def cells_of(data: bytes) -> tuple[tuple[object, ...], ...]:
    return tuple(line.cells for line in read_csv(data))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_every_usual_encoding_and_separator_is_read(encoding: str, separator: str) -> None:
    assert cells_of(rows_as_csv(ROWS, encoding, separator)) == SAID


def test_rare_characters_of_gb18030_are_read() -> None:
    rows = [HEADINGS, ["P1", "㐀𠮷·\u3007", "1", "duty"]]
    assert cells_of(rows_as_csv(rows, "gb18030"))[1][1] == "㐀𠮷·\u3007"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_counts_them(ending: str) -> None:
    text = ending.join(["", "id,name,compound", "", 'P1,"An', 'n",1', ",,", "P2,B,1", ""])
    assert [line.number for line in read_csv(text.encode())] == [2, 4, 7]


@pytest.mark.parametrize("name", ["联通", "芦", "罗", "娴", "镕"])
def test_gbk_that_could_be_utf8_by_chance_is_read_as_gbk_beside_other_gbk(name: str) -> None:
    rows = [["id", "name", "compound"], ["P1", name, "1"], ["P2", "张小三", "1"]]
    assert cells_of(rows_as_csv(rows, "gbk"))[1][1] == name


HEAD = b"id,name,compound\n"
UTF8, GBK = "P1,张小三,1\n".encode(), "P2,李四,1\n".encode("gbk")
UNREADABLE = [
    (b"", "NO_ROWS", 0),
    (b"\n\n", "NO_ROWS", 0),
    (HEAD, "NO_ROWS", 0),
    (HEAD + b",,,\n  ,\n", "NO_ROWS", 0),
    ("id,name,compound\nP1,张,1".encode("utf-16"), "UTF_16", 0),
    (HEAD + b"P1,\xff\xff,1\n", "NOT_TEXT", 2),
    (b"\xef\xbb\xbf" + HEAD + GBK, "NOT_TEXT", 2),
    (HEAD + UTF8 + UTF8 + GBK, "MIXED_ENCODINGS", 4),
    (HEAD + GBK + UTF8 + GBK, "MIXED_ENCODINGS", 3),
    (HEAD + GBK + "P1,张三,1\n".encode() + GBK, "MIXED_ENCODINGS", 3),
    (HEAD + b'P1,"A,1\nP2,B,1\n', "QUOTES", 2),
    (HEAD + b'P1,B,1\nP2,"A"x,1\n', "QUOTES", 3),
    (HEAD + b"P1," + b"x" * 10_000_000 + b",1\n", "TOO_LONG", 2),
    (HEAD + b"P1" + b"," * LARGEST_COLUMNS + b"x\n", "TOO_WIDE", 2),
    (HEAD + b"P,A,1\n" * 1_000_000, "TOO_MANY_ROWS", 0),
    (HEAD + b"P,A,1\n" * (LARGEST_ROWS + 1), "TOO_MANY_ROWS", 0),
]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    UNREADABLE,
    ids=[f"{n}-{code}" for n, (_, code, _) in enumerate(UNREADABLE)],
)
def test_a_file_that_cannot_be_read_says_why_and_where(data: bytes, code: str, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        read_csv(data)
    assert (caught.value.problem.mistake.name, caught.value.problem.line) == (code, line)


def test_as_many_rows_as_allowed_are_read() -> None:
    assert len(read_csv(HEAD + b"P,A,1\n" * LARGEST_ROWS)) == LARGEST_ROWS + 1


def test_a_cell_that_is_too_long_is_named_and_the_others_are_read() -> None:
    data = HEAD + b"P1," + b"x" * (LONGEST_CELL + 1) + b",1\n"
    problems = read_people(read_csv(data)).problems
    assert [problem.mistake.name for problem in problems if problem.column == "name"] == [
        "TOO_LONG"
    ]


def test_a_large_hostile_file_takes_little_more_memory_than_its_text() -> None:
    data = HEAD + b"P1," + b"x" * 10_000_000 + b",1\n"
    tracemalloc.start()
    with pytest.raises(Unreadable):
        read_csv(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * len(data)


DANGEROUS = ["=1+1", "+86 138", "-1", "@SUM(A1)", "\tx", "'=x", "''-1", "＝1", "'"]


@pytest.mark.parametrize("text", DANGEROUS[:-1])
def test_no_cell_is_written_so_that_a_spreadsheet_runs_it(text: str) -> None:
    assert escaped(text).startswith("'")


@given(text=st.text("'=+-@a", max_size=6) | st.text(max_size=6))
def test_what_was_escaped_is_read_back(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert unescaped(escaped_again(text)) == text


@given(junk=st.binary(max_size=300))
def test_no_bytes_raise_anything_but_unreadable(junk: bytes) -> None:
    for data in (junk, HEAD + junk, HEAD + UTF8 + junk):
        try:
            read_people(read_csv(data))
        except Unreadable:
            continue


def test_a_sound_file_with_bytes_changed_is_read_or_refused_whole() -> None:
    sound = rows_as_csv(ROWS, "gbk")
    chance = random.Random(7)
    for _ in range(500):
        changed = bytearray(sound)
        changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            read_people(read_csv(bytes(changed)))
        except Unreadable:
            continue
