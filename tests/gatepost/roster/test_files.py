"""gatepost roster import, export and sample as somebody types them: real processes, real files."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.programs import gatepost

CSV = (
    "编号,姓名,电话,小区,楼栋,房号,颜色,类别\n"
    "P1,张小三,13800138000,1,7,301,绿,居民\n"
    "W1,赵磊,13700137000,1,,,,工作人员\n"
)
BAD = CSV.replace("居民", "鸟").replace("13700137000", "?")
TWICE = CSV + "P1,张三,13800138000,1,7,301,,\n"


def roster(*arguments: str | Path, lang: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
    spoken = {"LANG": lang, "LC_ALL": "", "LC_MESSAGES": "", "COLUMNS": "300"}
    return gatepost("roster", *arguments, env=os.environ | spoken, encoding="utf-8")


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(CSV.encode("gbk"))
    return path


def test_what_import_writes_is_what_sign_signs_masked_and_cut(people: Path, tmp_path: Path) -> None:
    out, keys = tmp_path / "roster.json", tmp_path / "keys"
    done = roster("import", people, "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "compound 1: 1 households, 2 people"
    assert gatepost("keys", "init", keys).returncode == 0
    signed = roster("sign", "--keys", keys, out)
    assert signed.returncode == 0, signed.stderr
    body = json.loads(json.loads(signed.stdout)["body"])
    assert [(each["name"], each["phone"]) for each in body["residents"]] == [
        ("张**", "8000"),
        ("赵*", "7000"),
    ]


def test_a_preview_writes_nothing(people: Path, tmp_path: Path) -> None:
    done = roster("import", people, "--preview", "--out", tmp_path / "roster.json")
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == [people]
    assert done.stdout.endswith("nothing was written\n")


@pytest.mark.parametrize("preview", [[], ["--preview"]])
def test_problems_end_with_2_and_write_nothing(
    people: Path, tmp_path: Path, preview: list[str]
) -> None:
    people.write_text(BAD)
    done = roster("import", people, "--out", tmp_path / "roster.json", *preview)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "line 2, 类别: 鸟 is unknown; write one of resident 居民" in done.stderr
    assert "line 3, 电话: ? is no phone number; write one number" in done.stderr
    assert list(tmp_path.iterdir()) == [people]


@pytest.mark.parametrize(
    ("lang", "arguments"), [("zh_CN.UTF-8", []), ("C.UTF-8", ["--language", "zh"])]
)
def test_messages_are_chinese_where_asked_for(
    people: Path, lang: str, arguments: list[str]
) -> None:
    people.write_text(BAD)
    done = roster("import", people, "--preview", *arguments, lang=lang)
    assert "第 2 行，类别：不认识 鸟；请写其中之一" in done.stderr
    assert done.stderr.endswith("没有写入任何文件\n")


def test_json_says_everything_to_a_program(people: Path, tmp_path: Path) -> None:
    out = tmp_path / "roster.json"
    done = roster("import", people, "--out", out, "--json")
    told = json.loads(done.stdout)
    assert told["usable"] is True
    assert told["people"] == {
        "total": 2,
        "by_colour": {"green": 1},
        "by_kind": {"resident": 1, "worker": 1},
    }
    assert (told["change"], told["written"]) == (None, str(out))
    people.write_text(BAD)
    refused = roster("import", people, "--preview", "--json")
    told = json.loads(refused.stdout)
    assert (refused.returncode, told["usable"], told["written"]) == (2, False, None)
    assert [(p["line"], p["column"], p["code"]) for p in told["problems"]] == [
        (2, "类别", "UNKNOWN_WORD"),
        (3, "电话", "BAD_PHONE"),
    ]
    people.write_bytes(b"PK\x03\x04")
    damaged = roster("import", people, "--preview", "--json")
    assert damaged.returncode == 2
    assert json.loads(damaged.stdout)["problems"][0]["code"] == "DAMAGED"


def test_duplicates_are_listed_and_merged_only_when_told_to(people: Path, tmp_path: Path) -> None:
    people.write_text(TWICE)
    refused = roster("import", people, "--out", tmp_path / "roster.json")
    assert refused.returncode == 2
    assert "1 duplicates" in refused.stderr
    assert "lines 2, 4: P1" in refused.stderr
    assert not (tmp_path / "roster.json").exists()
    done = roster("import", people, "--merge", "--out", tmp_path / "roster.json")
    assert done.returncode == 0
    assert "1 duplicates merged" in done.stdout
    residents = json.loads((tmp_path / "roster.json").read_text())["residents"]
    assert [each["name"] for each in residents] == ["张三", "赵磊"]


def test_the_roster_of_before_is_compared_and_its_revocations_are_kept(
    people: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old.json"
    roster("import", people, "--out", old)
    before = json.loads(old.read_text())
    before["residents"][0]["lowest_serial"] = 4
    before["revoked"] = [["P1", 9]]
    old.write_text(json.dumps(before))
    people.write_text(CSV.replace("赵磊", "赵雷") + "W2,新,,1,,,,worker\n")
    refused = roster("import", people, "--out", old)
    assert refused.returncode == 2
    assert f"--against {old}" in refused.stderr
    assert json.loads(old.read_text()) == before
    done = roster("import", people, "--against", old, "--out", old)
    assert done.returncode == 0, done.stderr
    assert "people: 1 added, 1 changed, 0 removed" in done.stdout
    assert "~ W1 赵雷: name" in done.stdout
    after = json.loads(old.read_text())
    assert after["residents"][0]["lowest_serial"] == 4
    assert after["revoked"] == [["P1", 9]]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["import", "people.csv"], "say where to write it, or --preview"),
        (["import", "nowhere.csv", "--preview"], "nowhere.csv: No such file"),
        (["import", ".", "--preview"], "Is a directory"),
        (["import", "people.csv", "--preview", "--against", "people.csv"], "people.csv: "),
        (["import", "people.csv", "--preview", "--against", "other.json"], "is of compound 2"),
        (["import", "people.csv", "--out", "no/where.json"], "no/where.json: No such file"),
        (["export", "people.csv", "--out", "x.csv"], "people.csv: "),
        (["export", "other.json", "--out", "x.txt"], "must end in .csv or .xlsx"),
        (["export", "lost.json", "--out", "x.csv"], "not be read back as they are: P1"),
        (["sample", "--seed", "1", "--out", "x.txt"], "must end in .csv or .xlsx"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_mend(
    people: Path, tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    home = {"id": "H", "building": "1", "unit": "1"}
    other = {"compound": 2, "households": [home], "residents": []}
    (tmp_path / "other.json").write_text(json.dumps(other))
    lost = {**other, "residents": [{"id": "P1", "name": " ", "household": "H"}]}
    (tmp_path / "lost.json").write_text(json.dumps(lost))
    before = sorted(tmp_path.iterdir())
    wide = {**os.environ, "COLUMNS": "300"}
    refused = gatepost("roster", *arguments, cwd=tmp_path, env=wide)
    assert refused.returncode == 2
    assert complaint in " ".join(refused.stderr.replace("│", " ").split())
    assert sorted(tmp_path.iterdir()) == before
    assert people.exists()


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_exported_roster_is_imported_to_the_same_bytes(
    tmp_path: Path, suffix: str, language: str
) -> None:
    first, file, second = tmp_path / "1.json", tmp_path / f"people.{suffix}", tmp_path / "2.json"
    size = ["--households", "40", "--people", "100"]
    assert roster("sample", "--seed", "3", *size, "--out", first).returncode == 0
    done = roster("export", first, "--out", file, "--language", language)
    assert (done.returncode, done.stderr) == (0, "")
    assert roster("import", file, "--out", second).returncode == 0
    assert second.read_bytes() == first.read_bytes()


def test_export_says_that_revocations_are_not_in_the_file(people: Path, tmp_path: Path) -> None:
    out = tmp_path / "roster.json"
    roster("import", people, "--out", out)
    out.write_text(json.dumps({**json.loads(out.read_text()), "revoked": [["P1", 9]]}))
    done = roster("export", out, "--out", tmp_path / "x.csv")
    assert done.returncode == 0
    assert "1 revocations are not in" in done.stderr


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json"])
def test_a_sample_of_a_seed_has_the_same_bytes_each_time(tmp_path: Path, suffix: str) -> None:
    files = [tmp_path / f"{n}.{suffix}" for n in (1, 2, 3)]
    for file, seed in zip(files, ("7", "7", "8"), strict=True):
        done = roster("sample", "--seed", seed, "--out", file)
        assert done.stdout == f"{file}: 2,747 households, 6,258 people\n"
    assert files[0].read_bytes() == files[1].read_bytes() != files[2].read_bytes()


def explain(file: Path) -> subprocess.CompletedProcess[str]:
    arrival = [
        "--policy",
        "ordinary",
        "--person",
        "P1",
        "--direction",
        "in",
        "--at",
        "2030-03-01T09:00",
    ]
    return gatepost("explain", "--roster", file, *arrival, encoding="utf-8")


def test_explain_reads_the_spreadsheet_itself_and_answers_as_for_its_roster(
    people: Path, tmp_path: Path
) -> None:
    people.write_text(CSV.replace("绿", "红"))
    out, sheet = tmp_path / "roster.json", tmp_path / "people.xlsx"
    roster("import", people, "--out", out)
    roster("export", out, "--out", sheet)
    answers = [json.loads(explain(file).stdout) for file in (people, out, sheet)]
    assert answers[0] == answers[1] == answers[2]
    assert (answers[0]["outcome"], answers[0]["reason"]) == ("hold", "UNDER_WATCH")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (BAD.encode(), "line 2, 类别: 鸟 is unknown"),
        (TWICE.encode(), "stands in it twice"),
        (b"PK\x03\x04", "is a damaged .xlsx file"),
    ],
)
def test_explain_refuses_a_spreadsheet_with_something_to_mend(
    people: Path, content: bytes, complaint: str
) -> None:
    people.write_bytes(content)
    refused = explain(people)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert complaint in " ".join(refused.stderr.replace("│", " ").split())
