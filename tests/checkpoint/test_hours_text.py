"""Hours and shifts are read as people write them, in both languages, and written so that they read the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.hours import Dated, Weekly, Window
from checkpoint.hours_text import format_hours, format_shifts, parse_hours, parse_shifts
from checkpoint.people import ShiftCertificate


def weekly(days: str, start: int, end: int) -> Weekly:
    return Weekly(days=frozenset(map(int, days)), start_minute=start * 60, end_minute=end * 60)


READ = [
    ("Mon-Fri 07:00-09:00", weekly("01234", 7, 9)),
    ("  mon - fri  7:00 - 9:00 ", weekly("01234", 7, 9)),
    ("Monday,wed,SUN 07:00-09:00", weekly("026", 7, 9)),
    ("Fri-Mon 07:00-09:00", weekly("4560", 7, 9)),
    ("daily 20:00-08:00", weekly("0123456", 20, 8)),
    ("weekend 10:00-24:00", weekly("56", 10, 24)),
    ("daily 00:00-24:00", weekly("0123456", 0, 24)),
    ("周一至周五 07:00-09:00", weekly("01234", 7, 9)),
    ("周一到五07：00－09：00", weekly("01234", 7, 9)),
    ("周末 10:00～24:00", weekly("56", 10, 24)),
    ("每天 ０７：００—０９：００", weekly("0123456", 7, 9)),
    ("星期一、星期三、礼拜天 07:00至09:00", weekly("026", 7, 9)),
    (
        "2030-01-31 20:00-08:00",
        Dated(first=date(2030, 1, 31), last=date(2030, 1, 31), start_minute=1200, end_minute=480),
    ),
    (
        "2030-01-01..2030-03-31 every 4 days 20:00-08:00",
        Dated(
            first=date(2030, 1, 1),
            last=date(2030, 3, 31),
            every_days=4,
            start_minute=1200,
            end_minute=480,
        ),
    ),
    (
        "2030-01-01至2030-03-31 每2天 08：00-20：00",
        Dated(
            first=date(2030, 1, 1),
            last=date(2030, 3, 31),
            every_days=2,
            start_minute=480,
            end_minute=1200,
        ),
    ),
]


@pytest.mark.parametrize(("text", "window"), READ, ids=[text for text, _ in READ])
def test_a_window_is_read_as_it_is_written(text: str, window: Window) -> None:
    assert parse_hours(text) == (window,)


@pytest.mark.parametrize("text", ["", "  ", ";", "；\n"])
def test_no_text_is_no_window(text: str) -> None:
    assert parse_hours(text) == ()
    assert parse_shifts(text) == ()


@pytest.mark.parametrize("between", [";", "；", "\n", " ; ; "])
def test_windows_follow_each_other(between: str) -> None:
    text = f"Mon-Fri 07:00-09:00{between}周末 10:00-24:00"
    assert parse_hours(text) == (weekly("01234", 7, 9), weekly("56", 10, 24))


WRONG = [
    ("07:00-09:00", ["has no days", "daily 07:00-09:00"]),
    ("Mon-Fri", ["'Mon-Fri' is no window", "Mon-Fri 07:00-09:00"]),
    ("Mon 7-9", ["'Mon 7-9' is no window"]),
    ("Mun 07:00-09:00", ["'Mun' is no day", "Mon to Sun"]),
    ("Mon-Wed-Fri 07:00-09:00", ["'Mon-Wed-Fri' is no day"]),
    ("周八 07:00-09:00", ["'周八' is no day", "周一"]),
    ("Mon 07:00-24:01", ["'24:01' is no time of day", "24:00"]),
    ("Mon 24:00-08:00", ["'24:00' is no time of day", "00:00 to 23:59"]),
    ("Mon 07:60-08:00", ["'07:60'"]),
    ("2030-02-30 07:00-08:00", ["'2030-02-30' is no date"]),
    ("2030-02-03..2030-01-01 07:00-08:00", ["ends before it begins", "2030-01-01..2030-02-03"]),
    ("2030-01-01..2030-02-01 every 0 days 07:00-08:00", ["every 1 days"]),
    ("Mun 07:00-09:00; Mon-Fri 07:00-09:00; Tue", ["'Mun' is no day", "'Tue' is no window"]),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[text for text, _ in WRONG])
def test_every_mistake_is_told_with_what_would_be_right(text: str, said: list[str]) -> None:
    for parse in (parse_hours, parse_shifts):
        with pytest.raises(ValueError, match=r"write") as caught:
            parse(text)
        assert [part for part in said if part not in str(caught.value)] == []


@given(text=st.text(alphabet="Mon-Fri;:0123456789 周一至五每天.../", max_size=30))
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    for parse in (parse_hours, parse_shifts):
        try:
            parse(text)
        except ValueError:
            continue


def test_an_employer_holds_until_the_next_one() -> None:
    nurse = (weekly("01234", 7, 19), weekly("5", 7, 12))
    text = "Hospital/Nurse: Mon-Fri 07:00-19:00; Sat 07:00-12:00; 工厂３：周末 20：00－08：00"
    assert parse_shifts(text) == (
        ShiftCertificate(employer="Hospital", post="Nurse", windows=nurse),
        ShiftCertificate(employer="工厂３", windows=(weekly("56", 20, 8),)),
    )


def test_windows_without_an_employer_are_one_certificate() -> None:
    windows = (weekly("0", 7, 9), weekly("2", 7, 9))
    assert parse_shifts("Mon 07:00-09:00; Wed 07:00-09:00") == (ShiftCertificate(windows=windows),)


def test_an_employer_whose_name_ends_in_a_number_is_no_time_of_day() -> None:
    (certificate,) = parse_shifts("Factory 3:2030-01-01 07:00-09:00")
    assert certificate.employer == "Factory 3"


def test_an_employer_without_hours_is_told() -> None:
    with pytest.raises(ValueError, match="'Hospital' certifies no hours; write Hospital: Mon-Fri"):
        parse_shifts("Hospital: ; Factory: Mon 07:00-09:00")


_START = st.integers(0, 1439)
_END = st.integers(0, 1440)
_DATE = st.dates(date(2000, 1, 1), date(2100, 1, 1))
WINDOWS = st.one_of(
    st.builds(
        Weekly,
        days=st.frozensets(st.integers(0, 6), min_size=1),
        start_minute=_START,
        end_minute=_END,
    ),
    st.tuples(_DATE, _DATE, st.integers(1, 999), _START, _END).map(
        lambda drawn: Dated(
            first=min(drawn[:2]),
            last=max(drawn[:2]),
            every_days=drawn[2],
            start_minute=drawn[3],
            end_minute=drawn[4],
        )
    ),
)
_NAME = st.text(alphabet="ABC医院（东） 07-", max_size=9).map(str.strip)
CERTIFICATES = st.builds(
    ShiftCertificate,
    employer=_NAME,
    post=_NAME,
    windows=st.lists(WINDOWS, min_size=1, max_size=3).map(tuple),
)


@given(windows=st.lists(WINDOWS).map(tuple))
def test_what_is_written_reads_back_the_same(windows: tuple[Window, ...]) -> None:
    assert parse_hours(format_hours(windows)) == windows


@given(certificates=st.lists(CERTIFICATES, max_size=4).map(tuple))
def test_certificates_read_back_the_same(certificates: tuple[ShiftCertificate, ...]) -> None:
    assert parse_shifts(format_shifts(certificates)) == certificates
