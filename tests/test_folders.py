"""Result folders: what may be replaced, and what run.json says of the rest."""

import json

import pytest

from fairkit import FairkitError
from fairkit.folders import check_file, check_output, described, new_folder, part, read_about


@pytest.fixture
def result(tmp_path):
    with new_folder(tmp_path / "result", {"command": "train"}) as new:
        (new / "a.txt").write_text("a")
        (new / "inner").mkdir()
        (new / "inner" / "b.txt").write_text("b")
        (new / "report.html").write_text("of these")
    return tmp_path / "result"


def test_run_json_names_each_part(result):
    about = read_about(result)
    assert set(about["parts"]) == {"a.txt", "inner/b.txt"} and about["command"] == "train" and about["format"] == 1
    assert part(result, "inner/b.txt").read_text() == "b" and part(result, "none.txt") is None
    assert all(path.stat().st_mode & 0o077 == 0 for path in (result, *result.rglob("*")))
    assert described(result).startswith("a result of fairkit train, written 20")


def test_a_report_may_be_made_anew(result):
    (result / "report.html").write_text("another")
    assert read_about(result) and check_output(result) == result
    (result / "report.html").unlink()
    assert check_output(result) == result


@pytest.mark.parametrize("name", ["thesis.tex", "inner/thesis.tex", ".hidden", "empty/", "inner/link"])
def test_a_folder_with_anything_else_is_not_replaced(result, name):
    place = result / name
    if name.endswith("/"):
        place.mkdir()
    elif name.endswith("link"):
        place.symlink_to(result / "a.txt")
    else:
        place.write_text("precious")
    with pytest.raises(FairkitError, match="which would be lost") as refused:
        check_output(result)
    assert name.rstrip("/") in str(refused.value)


@pytest.mark.parametrize("text", ["{}", '{"format": 1}', '{"format": 99, "parts": {}}', "[]", "",
                                  '{"format": 1, "parts": 3}'])
def test_anybodys_run_json_makes_no_result(tmp_path, text):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "run.json").write_text(text)
    with pytest.raises(FairkitError, match="which would be lost.*'run.json'"):
        check_output(tmp_path / "mine")
    with pytest.raises(FairkitError, match="a folder cannot be made where a file is"):
        check_output(tmp_path / "mine" / "run.json")


def test_the_output_is_no_input(result, tmp_path):
    (tmp_path / "link").symlink_to(result)
    for output, given in ((result, result), (tmp_path / "link", result), (result / "sub", result),
                          (result, result / "a.txt"), (tmp_path, result / "a.txt")):
        with pytest.raises(FairkitError, match="would replace its own input"):
            check_output(output, None, "digits", given)
    assert check_output(tmp_path / "other", result, "digits", None) == tmp_path / "other"


def test_a_file_is_no_input_and_no_part(result, tmp_path):
    data = tmp_path / "data.csv"
    data.write_text("a")
    with pytest.raises(FairkitError, match="would replace its own input"):
        check_file(data, data)
    for name in ("run.json", "a.txt", "inner/b.txt"):
        with pytest.raises(FairkitError, match="is a part of the result"):
            check_file(result / name)
    with pytest.raises(FairkitError, match="is a folder"):
        check_file(result)
    assert check_file(result / "report.html") == result / "report.html"
    assert check_file(tmp_path / "new" / "report.md", data) and not (tmp_path / "new").exists()


def test_a_part_that_is_a_folder_or_changed_is_refused(result):
    (result / "a.txt").unlink()
    (result / "a.txt").mkdir()
    with pytest.raises(FairkitError, match="'a.txt' of this run is missing"):
        part(result, "a.txt")
    about = json.loads((result / "run.json").read_text())
    with pytest.raises(FairkitError, match="does not belong to this run"):
        part(result, "report.html", about)


def test_a_failure_inside_leaves_the_old_result(result):
    with pytest.raises(RuntimeError), new_folder(result, {"command": "evaluate"}) as new:
        (new / "c.txt").write_text("half")
        raise RuntimeError
    assert read_about(result)["command"] == "train" and part(result, "a.txt")
