"""One value has one name: in every container, type, chunk, file format and engine, and for whoever looks for it."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit.errors import quote
from fairkit.group_values import as_written, name_of, plain_value
from fairkit.groups import GroupColumn

NUMBERS = [1.0, 2.0, None, 1.0, 1.5, -3.0]
WHOLE = [1, 2, None, 1, 120, -3]
DAYS = ["2026-01-31", "1999-12-01", None, "2026-01-31"]


def numeric_columns(cells):
    """The same numbers in every container that holds numbers, with None for nothing."""
    floats = [np.nan if cell is None else float(cell) for cell in cells]
    found = {
        "list": list(cells), "tuple": tuple(cells), "list of lists": [[] if c is None else [c] for c in cells],
        "objects": np.array(cells, object), "decimals": [None if c is None else Decimal(str(c)) for c in cells],
        "numpy scalars": [None if c is None else np.float64(c) for c in cells],
        "floats and pd.NA": [pd.NA if c is None else float(c) for c in cells],
        "masked": np.ma.masked_array(np.nan_to_num(floats), np.isnan(floats)),
        "series": pd.Series(floats), "series of objects": pd.Series(list(cells), dtype=object),
        "nullable": pd.array(cells, "Float64"), "nullable 32": pd.Series(cells, dtype="Float32"),
        "category": pd.Series(floats).astype("category"),
        "category 32": pd.Series(floats, dtype="f4").astype("category"),
        "sparse": pd.Series(floats, dtype="Sparse[float64]"),
        "categorical": pd.Categorical(floats), "pandas arrow": pd.Series(cells, dtype="double[pyarrow]"),
        "arrow": pa.array(cells, pa.float64()), "arrow 32": pa.array(cells, pa.float32()),
        "arrow chunks": pa.chunked_array([pa.array([c], pa.float64()) for c in cells]),
        "arrow dictionary": pa.array(cells, pa.float64()).dictionary_encode(),
        "arrow lists": pa.array([None if c is None else [c] for c in cells], pa.list_(pa.float32())),
        "arrow decimals": pa.array([None if c is None else Decimal(str(c)) for c in cells], pa.decimal128(20, 4)),
    }
    for kind in ("f2", "f4", "f8", ">f4", "g"):
        found[f"numpy {kind}"] = np.array(floats, kind)
    return found


@pytest.mark.parametrize("kind", numeric_columns(NUMBERS))
def test_numbers_have_one_name_in_every_container(kind):
    column = GroupColumn.encode("g", numeric_columns(NUMBERS)[kind])
    assert column.to_list() == [1, 2, None, 1, 1.5, -3]
    assert [str(value) for value in column.values] == ["-3", "1", "1.5", "2"]


@pytest.mark.parametrize("kind", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "M8[D]", "Int64",
                                  "UInt8"])
def test_whole_numbers_and_days_of_every_width(kind):
    cells = np.array(["2026-01-31", "1999-12-01"], kind) if kind[0] == "M" else pd.array([1, 2], kind) \
        if kind[0] in "IU" else np.array([1, 2], kind)
    assert GroupColumn.encode("g", cells).to_list() == (DAYS[:2] if kind[0] == "M" else [1, 2])


@pytest.mark.parametrize("dtype", ["f2", "f4"])
def test_a_narrow_float_is_named_by_its_own_shortest_text(dtype):
    narrow = np.array([0.1, 0.7, 1 / 3], dtype)
    expected = [str(value) for value in narrow]
    arrow = pa.array(narrow)
    for column in (narrow, list(narrow), pd.Series(narrow), arrow, [*arrow], pa.array([[one] for one in narrow]),
                   pd.Series(narrow, dtype=pd.ArrowDtype(arrow.type)),
                   *([pd.Categorical(narrow), pd.array(narrow, "Float32")] if dtype == "f4" else [])):
        assert [str(value) for value in GroupColumn.encode("g", column).to_list()] == expected
    assert expected[:2] == ["0.1", "0.7"]


def days():
    times = pd.to_datetime(pd.Series(DAYS))
    dates = [None if day is None else datetime.date.fromisoformat(day) for day in DAYS]
    return {"texts": DAYS, "dates": dates, "datetimes": [day and datetime.datetime.combine(day, datetime.time())
                                                         for day in dates],
            "series": times, "microseconds": times.astype("datetime64[us]"), "numpy": times.to_numpy(),
            "numpy days": times.to_numpy().astype("M8[D]"), "timestamps": list(times),
            "category": times.astype("category"),
            "arrow days": pa.array(dates), "arrow days 64": pa.array(dates, pa.date64()),
            "arrow times": pa.array(times), "arrow dictionary": pa.array(dates).dictionary_encode(),
            "pandas arrow": pd.Series(dates, dtype=pd.ArrowDtype(pa.date32())), "index": pd.DatetimeIndex(times)}


@pytest.mark.parametrize("kind", days())
def test_dates_have_one_name_in_every_container(kind):
    assert GroupColumn.encode("day", days()[kind]).to_list() == DAYS


def test_times_and_offsets_are_in_the_name():
    moment = pd.Timestamp("2026-01-31 08:30:00.25")
    for one in (moment, moment.to_pydatetime(), moment.to_numpy(), pa.scalar(moment)):
        assert name_of(one) == "2026-01-31 08:30:00.250000"
    assert name_of(pd.Timestamp("2026-01-31", tz="UTC")) == "2026-01-31 00:00:00+00:00"


@pytest.mark.parametrize("column", [[True, False, None], np.array([True, False]), pd.array([True, None], "boolean"),
                                    pd.Series([True, False], dtype="category"), pa.array([True, None, False]),
                                    pa.array([[True], []]), [np.True_, np.False_],
                                    pd.Series([True, None], dtype="bool[pyarrow]")])
def test_truth_values_have_one_name(column):
    values = GroupColumn.encode("g", column).values
    assert {str(value) for value in values} <= {"True", "False"} and all(type(value) is bool for value in values)


@pytest.mark.parametrize("column", [[b"bl\xc3\xbc", None], np.array(["blü".encode()]), pa.array([b"bl\xc3\xbc", None]),
                                    pd.Series([b"bl\xc3\xbc", None]), pd.array(["blü", None], "string"),
                                    pa.array(["blü"], pa.string_view()), [np.str_("blü")], [["blü", pd.NA], pd.NA],
                                    [("blü", None), {"blü"}], [np.array(["blü"], object), pd.NA]])
def test_texts_and_bytes_have_one_name(column):
    assert GroupColumn.encode("g", column).values == ["blü"]


@pytest.mark.parametrize("cells", [[["a"], pd.NA], [["a", pd.NA], None], [("a", pd.NA), float("nan")],
                                   [["a"], pd.NaT], [{"a", pd.NA}, []], pd.Series([["a"], pd.NA])])
def test_pandas_na_is_no_group_beside_and_within_lists(cells):
    examples = fairkit.Examples(labels=[0, 1], groups={"g": cells})
    assert examples.groups["g"].to_list() == ["a", None]
    assert len(examples.where({"g": "a"})) == 1


@pytest.mark.parametrize("column", [pd.Series(pd.to_timedelta([1], "D")), np.array([1j]), [datetime.time(3), None],
                                    pd.interval_range(0, 2), pd.period_range("2020", periods=2, freq="Y"),
                                    [b"\xff", b"a"], pa.array([{"a": 1}, None]), "ab", {1, 2}, np.zeros((2, 2)),
                                    [[["a"]], ["b"]]])
def test_what_is_no_group_is_refused_by_name(column):
    with pytest.raises(fairkit.FairkitError, match="'g'"):
        GroupColumn.encode("g", column)


VALUES = st.one_of(
    st.none(), st.integers(-3, 3), st.integers(-3, 3).map(float), st.sampled_from([0.5, 0.1, 1e20, float("nan")]),
    st.booleans(), st.sampled_from(["1", "1.0", "True", "a", "", "2026-01-31"]), st.integers(-3, 3).map(Decimal),
    st.sampled_from([np.float32(0.1), np.float32(2), np.int8(1), np.bool_(True), np.str_("a"), b"a", pd.NA, pd.NaT]),
    st.sampled_from([datetime.date(2026, 1, 31), pd.Timestamp("2026-01-31"), np.datetime64("2026-01-31")]))


def expected_name(value):
    """Worked out without fairkit."""
    if value is None or value is pd.NA or value is pd.NaT or (not isinstance(value, str) and value != value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return "True" if value else "False"
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (datetime.date, np.datetime64)):
        return "2026-01-31"
    return str(int(value)) if value == int(value) else f"{float(str(value))}"


@given(cells=st.lists(st.one_of(VALUES, st.lists(VALUES, max_size=3)), max_size=12), cut=st.integers(0, 12))
@settings(deadline=None)
def test_a_name_depends_on_nothing_but_the_value(cells, cut):
    expected = [sorted({expected_name(value) for value in (cell if isinstance(cell, list) else [cell])} - {None})
                for cell in cells]
    whole = GroupColumn.encode("g", cells)
    parts = [GroupColumn.encode("g", part) for part in (cells[:cut], cells[cut:])]
    for found in ([whole], parts, [GroupColumn.encode("g", pd.Series(cells, dtype=object))],
                  [GroupColumn.encode("g", [cell]) for cell in cells]):
        assert [[str(value) for value in column.cells[code]] for column in found for code in column.codes] == expected
    for cell in cells:
        for value in cell if isinstance(cell, list) else [cell]:
            if (name := expected_name(value)) is not None:
                assert whole.match("g", value).tolist() == [name in names for names in expected]


HELD = [1, 1.0, np.float64(1), np.float32(1), np.int8(1), "1", "1.0", Decimal("1.0"), pd.Series([1.0])[0],
        pa.scalar(1.0)]


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    g = np.tile([1.0, 2.0, 1.0, 1.5], 30)
    labels = rng.integers(0, 2, 120)
    return pd.DataFrame({"label": labels, "scores": rng.random(120).round(3), "g": g, "member": g > 1,
                         "day": pd.to_datetime(np.where(g > 1, "2026-01-31", "1999-12-01"))})


NAMES = ["Overall", "g:1", "g:1.5", "g:2", "member:False", "member:True", "day:1999-12-01", "day:2026-01-31"]
SLICES = ["g", "member", "day"]


def slices_of(evaluation):
    return evaluation.frame["slice"].unique().tolist()


def evaluated(examples, frame, **more):
    return fairkit.evaluate(frame["scores"].to_numpy(), examples, SLICES, [0.5], **more)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.arrow", "a.tfrecord", "a.csv.gz", "own.csv",
                                  "own.jsonl", "own.parquet", "own.arrow", "frame"])
def test_every_file_format_gives_the_same_names(tmp_path, frame, name):
    path, held = tmp_path / name, fairkit.Examples(labels=frame["label"], groups=frame[SLICES])
    if name == "frame":
        path = frame
    elif name.startswith("a.") and "tfrecord" not in name:
        if name == "a.parquet":
            frame.to_parquet(path)
        elif name == "a.arrow":
            pyarrow.feather.write_feather(pa.Table.from_pandas(frame), path)
        elif name == "a.jsonl":
            frame.assign(day=frame["day"].astype(str)).to_json(path, orient="records", lines=True)
        else:
            frame.to_csv(path, index=False)
    else:
        fairkit.data.write(held, path)
    read = fairkit.data.read(path, label="label", groups=SLICES)
    assert slices_of(evaluated(read, frame)) == NAMES
    assert evaluated(read, frame).frame.equals(evaluated(held, frame).frame)
    for value in HELD:
        assert len(read.where({"g": value})) == 60
        assert len(read.where({"g": fairkit.only(value)})) == 60
        assert len(read.where({"g": [value, 2]})) == 90
    for value in (True, np.True_, "True", "true", pa.scalar(True)):
        assert len(read.where({"member": value})) == 60
    for value in (frame["day"][1], datetime.date(2026, 1, 31), frame["day"].to_numpy()[1], "2026-01-31"):
        assert len(read.where({"day": value})) == 60
    assert len(read.where({"g": pd.Series([1.5, 2.0])})) == 60
    assert len(read.where({"g": lambda g: g == 1.5} if "csv" not in name and "tfrecord" not in name else
                          {"g": lambda g: g == "1.5"})) == 30


def test_chunks_parquet_beam_and_examples_are_sliced_alike(tmp_path, frame):
    path = tmp_path / "scored.parquet"
    frame.to_parquet(path)
    expected = evaluated(fairkit.Examples(labels=frame["label"], groups=frame[SLICES]), frame)
    for size in (2, 7, 1000):
        chunks = fairkit.evaluation.read_predictions(path, groups=SLICES, chunk_size=size)
        found = fairkit.evaluate(chunks, slices=SLICES, thresholds=[0.5])
        assert slices_of(found) == NAMES
        exact = expected.frame["metric"] != "auc"   # of chunks the area is taken from score buckets
        pd.testing.assert_frame_equal(found.frame[exact], expected.frame[exact])
    examples = fairkit.Examples(labels=frame["label"], groups={"g": frame["g"]})
    pieces = (fairkit.predict(frame["scores"].to_numpy()[at:at + 2], examples.take(np.arange(at, at + 2)))
              for at in range(0, 120, 2))
    assert slices_of(fairkit.evaluate(pieces, slices=["g"], thresholds=[0.5])) == NAMES[:4]


@pytest.mark.parametrize("value", HELD, ids=lambda value: f"{type(value).__name__} {value}")
def test_whatever_value_a_user_holds_finds_its_group(frame, value):
    examples = fairkit.Examples(labels=frame["label"], groups={"g": frame["g"]})
    evaluation = fairkit.evaluate(frame["scores"].to_numpy(), examples, ["g", {"g": value}, {"g": [value, 2]}], [0.5])
    assert slices_of(evaluation) == NAMES[:4]
    gaps = evaluation.gaps("false_positive_rate", reference={"g": value})
    assert gaps["reference"].unique().tolist() == ["g:1"]
    other = fairkit.evaluate(1 - frame["scores"].to_numpy(), examples, ["g"], [0.5])
    compared = fairkit.compare(evaluation, other, metric="false_positive_rate", reference={"g": value})
    assert compared.reference == {"g": "1"}
    sensitive, rest = fairkit.remediation.min_diff_splits(examples, {"g": value}, None)
    assert set(sensitive.groups["g"].to_list()) == {1} and 1 not in rest.groups["g"].to_list()
    assert len(fairkit.analysis.balance(examples, "g", to={value: 5}).where({"g": 1})) == 5
    report = fairkit.bias_report(examples, facet="g", facet_values=value)
    assert report.value("CI") == pytest.approx((60 - 60) / 120)


def test_written_numbers_and_dates_only_as_they_are_written():
    assert [as_written(text) for text in ("3.0", "-0.0", "1e+16")] == ["3", "0", str(10**16)]
    for text in ("3", "03", "3.00", "1e5", "+1.0", ".0", "v1.0", "03.0", "1e+15", "2026-1-31 00:00:00", "1.0 ", "٣.0"):
        assert as_written(text) == text


@given(st.one_of(st.floats(allow_nan=False), st.integers(), st.floats(width=32, allow_nan=False)))
def test_numbers_that_are_equal_have_one_name_and_names_give_the_number_back(value):
    assert name_of(value) == name_of(np.float64(value) if isinstance(value, float) else Decimal(value))
    assert float(plain_value(value)) == value
    if isinstance(value, float):
        assert as_written(repr(value)) == name_of(value)


def test_a_text_that_csv_would_make_a_number_is_not_written_to_csv(tmp_path):
    examples = fairkit.Examples(labels=[0, 1], groups={"version": ["1.0", "1.1"]})
    with pytest.raises(fairkit.FairkitError, match="gives back as 1.*jsonl.*Received: '1.0'"):
        fairkit.data.write(examples, tmp_path / "a.csv")
    for name in ("a.jsonl", "a.parquet", "a.tfrecord"):
        read = fairkit.data.read(fairkit.data.write(examples, tmp_path / name), label="label", groups="version")
        assert read.groups["version"].to_list() == ["1.0", "1.1"]


def test_beam_and_both_engines_name_slices_alike(frame, tmp_path):
    from apache_beam import Create, Map, Pipeline
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner

    from fairkit.evaluation.beam import CountCells

    rows, found = frame.to_dict("records"), tmp_path / "found"
    with Pipeline(runner=FnApiRunner()) as pipeline:
        _ = pipeline | Create(rows) | CountCells(SLICES, [0.5]) | Map(
            lambda cells: found.write_text(repr([cells.atoms.values_of(name) for name in sorted(SLICES)])))
    assert found.read_text() == repr([["1999-12-01", "2026-01-31"], ["1", "1.5", "2"], ["False", "True"]])
    examples = fairkit.Examples(labels=frame["label"], groups=frame[SLICES])
    tfma = fairkit.evaluate(frame["scores"].to_numpy(), examples, [*SLICES, {"g": np.float64(2)}], [0.5], engine="tfma")
    assert sorted(slices_of(tfma)) == sorted(NAMES)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "Float32", "float[pyarrow]"])
def test_numbers_are_cut_in_their_own_precision(dtype):
    """.7 of 32 bits lies below .7 of 64, and is .7 all the same."""
    numbers = [0.1, 0.7, 0.69]
    ages = np.array(numbers, dtype) if len(dtype) == 2 else pd.array(numbers, dtype)
    frame, cut = pd.DataFrame({"x": ages}), {"x": fairkit.bins(0.1, 0.7)}
    assert fairkit.analysis.imbalance(frame, cut).frame.set_index("value")["n"].to_dict() == \
        {"[0.1, 0.7)": 2, ">= 0.7": 1}
    examples = fairkit.Examples(labels=[0, 1, 0], groups=frame)
    sliced = fairkit.evaluate([0.2, 0.6, 0.9], examples, [cut], [0.5])
    assert sliced.value("example_count", "x:>= 0.7") == 1 and sliced.value("example_count", "x:[0.1, 0.7)") == 2


@pytest.mark.parametrize("value", [{"a": 1}, [["a"]], [("a", "b")], [{"a": 1}], [{"a"}]], ids=str)
def test_a_dict_or_a_list_is_not_named_by_its_text(value):
    inside = value if isinstance(value, dict) else value[0]
    examples = fairkit.Examples(labels=[0, 1], groups={"g": [str(inside), "b"]})   # the very text
    evaluation = fairkit.evaluate([0.1, 0.9], examples, ["g"], [0.5])
    for use in (lambda: examples.where({"g": value}), lambda: examples.where({"g": fairkit.only(inside)}),
                lambda: fairkit.evaluate([0.1, 0.9], examples, [{"g": value}], [0.5]),
                lambda: evaluation.gaps("positive_rate", reference={"g": value}),
                lambda: fairkit.bias_report(examples, facet="g", facet_values=value)):
        with pytest.raises(fairkit.FairkitError) as error:
            use()
        assert "no example has" not in str(error.value) and quote(inside) in str(error.value)
    assert len(examples.where({"g": str(inside)})) == 1


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, pd.NaT], ids=str)
def test_nothing_is_not_the_text_of_nothing(nothing):
    examples = fairkit.Examples(labels=[0] * 4, groups={"g": ["None", "nan", "NaT", "<NA>"]})
    with pytest.raises(fairkit.FairkitError, match="nothing is not a value of 'g'"):
        examples.where({"g": nothing})
