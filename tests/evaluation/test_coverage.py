"""A small, seeded version of scripts/benchmarks/coverage.py, which fails where intervals cover less than the bar."""

import dataclasses
import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def simulation():
    """The script and the kinds that it simulates, as modules."""
    folder = ROOT / "scripts" / "benchmarks"
    sys.path.append(str(folder))  # the script's neighbours; last, for a package has the script's own name
    try:
        spec = importlib.util.spec_from_file_location("coverage_simulation", folder / "coverage.py")
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        import coverage_kinds

        yield script, coverage_kinds
    finally:
        sys.path.remove(str(folder))


def judged(simulation, kinds, settings, draws):
    coverage, _ = simulation
    found = {(kind, weights, n, p): (*coverage.coverage(kind, n, p, weights, draws, seed=1), draws)
             for kind in kinds for weights, n, p in settings}
    assert sum(cell[1] > 0 for cell in found.values()) > 0.5 * len(found)
    return coverage.failures(found)


def test_what_is_counted_covers_everywhere(simulation):
    _, kinds = simulation
    chosen = [kind for kind in kinds.KINDS if kind.default and kind.draws == 20_000]
    assert len(chosen) >= 12
    weights = ("none", "1, and 10 for a fifth")
    settings = [(w, n, p) for w in weights for n in (30, 100) for p in (0.02, 0.1, 0.5)]
    assert judged(simulation, chosen, settings, 2000) == []


def test_what_is_drawn_row_by_row_covers(simulation):
    _, kinds = simulation
    chosen = [kind for kind in kinds.KINDS if kind.default and kind.draws < 20_000]
    assert len(chosen) >= 10
    settings = [("none", 30, 0.5), ("none", 100, 0.1), ("exponential", 100, 0.5)]
    assert judged(simulation, chosen, settings, 400) == []


def test_the_simulation_tells_intervals_that_do_not_cover(simulation):
    coverage, kinds = simulation
    warnings = [dataclasses.replace(kind, default=True) for kind in kinds.KINDS if not kind.default]
    failed = judged(simulation, [kind for kind in warnings if kind.name.startswith("rate")], [("none", 30, 0.02)], 400)
    assert len(failed) == 2 and all(share < 0.6 for *_, share in failed)
    # Without the correction of the correlation, two models that agree nearly always seem surer than they are.
    assert coverage.failures({(warnings[0], "none", 30, 0.5): (0.86, 1.0, 2000)})
    assert not coverage.failures({(warnings[0], "none", 30, 0.5): (0.92, 1.0, 400)})  # within three standard errors


def test_the_table_in_the_docs_has_every_kind(simulation):
    coverage, kinds = simulation
    found = {(kind, weights, n, p): (0.951, 1.0, 500) for kind in kinds.KINDS for weights in coverage.WEIGHTS
             for n in coverage.SIZES for p in coverage.SHARES}
    written = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    sizes = {(groups, weights, n, p): (0.05, 100) for groups in coverage.GROUPS for weights in coverage.WEIGHTS
             for n in coverage.SIZES[:2] for p in coverage.SHARES}
    rendered = coverage.rendered(found, coverage.sizes_rendered(sizes))
    rows = [line.split("|")[1].strip() for line in rendered.splitlines() if line.startswith("|")]
    assert {kind.name for kind in kinds.KINDS} <= set(rows)
    assert rows == [line.split("|")[1].strip() for line in written.splitlines() if line.startswith("|")]


def test_no_default_in_the_docs_lies_below_the_bar(simulation):
    _, kinds = simulation
    default, lowest = {kind.name: kind.default for kind in kinds.KINDS}, []
    name = None
    intervals, sizes = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8").split("## How often a gap is found")
    highest = [float(cell) for line in sizes.splitlines() if line.startswith("|") for cell in line.split("|")[3:-1]
               if cell.strip()[0].isdigit()]
    assert len(highest) == 60 and max(highest) <= 6.0 + 3 * 0.53   # of 2,000 samples, the highest of 60 numbers
    for line in intervals.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) < 3 or cells[1] not in ("", "weighted") or cells[2].startswith("n="):
            continue
        name = cells[0] or name
        numbers = [float(cell.split()[0]) for cell in cells[2:] if cell[0].isdigit()]
        if default[name] and numbers:
            lowest.append(min(numbers))
    assert len(lowest) > 40 and min(lowest) >= 93.0


@pytest.mark.parametrize("groups, n, p", [("20 slices of n", 30, 0.5), ("5 slices of n", 100, 0.1),
                                          ("3 slices that overlap", 100, 0.1)])
def test_any_gap_finds_none_where_there_is_none(simulation, groups, n, p):
    import coverage_sizes

    found = {(groups, weights, n, p): (coverage_sizes.rejected(groups, n, p, weights, 1000, seed=2), 1000)
             for weights in ("none", "1, and 10 for a fifth")}
    assert coverage_sizes.too_often(found) == [] and all(share > 0.01 for share, _ in found.values())
    assert coverage_sizes.too_often({("", "", 0, 0): (0.09, 1000)})   # what it was with weights taken for independent
