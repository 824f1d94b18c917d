"""How often fairkit's intervals hold the truth: a simulation of every kind that is shown by default.

Data are drawn many times from populations whose truth is known, and the functions that make fairkit's tables are asked
for intervals. A kind must cover at least 93 % wherever it gives an interval, and `any_gap` may reject at most 6 % where
there is no gap. The tables are written to docs/coverage.md.

    python scripts/benchmarks/coverage.py                  # the tables, in an hour or so
    python scripts/benchmarks/coverage.py --quick          # a tenth of the draws, printed and not written
    python scripts/benchmarks/coverage.py --only AUC       # the kinds whose name holds a text
"""

import argparse
import sys
import time
import zlib
from pathlib import Path

import numpy as np
from coverage_draws import WEIGHTS, Setting
from coverage_kinds import KINDS
from coverage_sizes import GROUPS, rejected, too_often

SIZES, SHARES, BAR = (30, 100, 1000), (0.02, 0.1, 0.5), 0.93
LEAST_GIVEN = 200  # fewer draws with an interval say nothing of their coverage


def coverage(kind, n, p, weights, draws, seed=0):
    """(coverage among the draws with an interval, the share of draws that have one)."""
    rng = np.random.default_rng([seed, zlib.crc32(f"{kind.name} {n} {p} {weights}".encode())])
    truth, lower, upper = kind.simulate(Setting(n, p, weights, draws, rng))
    given = ~np.isnan(lower)
    held = (lower <= truth + 1e-12) & (truth - 1e-12 <= upper)  # rounding must not decide at a border
    return (held[given].mean() if given.any() else np.nan), given.mean()


def table(kinds, share_of_draws=1.0, progress=lambda text: None):
    """{(kind, weights, n, p): (coverage, share with an interval, draws)}."""
    found = {}
    for kind in kinds:
        started = time.time()
        draws = max(LEAST_GIVEN, round(kind.draws * share_of_draws))
        for weights in WEIGHTS:
            for n in SIZES:
                for p in SHARES:
                    found[kind, weights, n, p] = *coverage(kind, n, p, weights, draws), draws
        rows = {w: [found[kind, w, n, p][0] for n in SIZES for p in SHARES if _told(found[kind, w, n, p])]
                for w in WEIGHTS}
        progress(f"{kind.name}: " + ", ".join(f"{w} {min(r):.1%}" for w, r in rows.items())
                 + f" ({time.time() - started:.0f} s)")
    return found


def _told(cell):
    return cell[1] * cell[2] >= LEAST_GIVEN


def failures(found):
    """What is shown by default and covers less than the bar, by more than three standard errors."""
    return [(kind.name, weights, n, p, cell[0]) for (kind, weights, n, p), cell in found.items()
            if kind.default and _told(cell) and cell[0] < BAR - 3 * np.sqrt(BAR * (1 - BAR) / (cell[1] * cell[2]))]


HEAD = """# What fairkit's intervals cover

Made by `python scripts/benchmarks/coverage.py` ({draws:,} draws a number for most rows, {least:,} for the slow ones; a
number is right to about {error:.1f} points).

An interval is called a 95 % interval; here is how often it holds the truth. Data are drawn again and again from a
population whose truth is known, and the functions behind fairkit's tables are asked for their intervals. **n** is the
number of examples in the denominator of the slice (for AUC all examples of the slice), **p** the rate (for AUC the
share of positives, for the calibration ratio and mean prediction the mean score). References are three times as large
as the slice. The bar for what is shown by default is 93 %; above 97 % is allowed: with few examples a rate can take few
values, and no interval of such a rate covers 95 % evenly.

*Weighted* is the lowest of three kinds of weights: exponential, lognormal with sigma 1, and 1 with a fifth of the
examples at 10. "none" means that no interval is given there (or in too few draws to tell), with the reason in the
table's note. A share in brackets is the share of draws that get an interval.
"""

TAIL = """
## What makes them hold

- Rates, mean label: Wilson at the effective size share (1 - share) / variance; the variance is the larger of that at
  (sum w)^2 / sum w^2 and the linearised one. Where one or two heavy examples are all the hits, the bound on their
  side is Poisson's (Brown, Cai and DasGupta 2001; Fay and Feuer 1997). F1 is the same: Wilson's interval of
  tp / (tp + fp + fn) transformed, with Poisson's bound at up to four hits.
- Mean prediction: Wilson at the effective size, with z^2 more examples, half of score 0 and half of score 1.
- Calibration ratio: MOVER on the logarithms of mean prediction and mean label.
- Gaps and ratios: Newcombe 1998 and Donner and Zou 2012, on the disjoint parts; where slice and reference overlap, with
  the variance of the parts' sizes added (delta method), since it is drawn, too, which examples are in a slice. With a
  share that is taken for fixed a slice minus overall covers 75 % at a share of .5 and rates of .9 and .1. Where the
  share is fixed by design, such intervals are wider than they need be.
- Any gap: chi-square, or against simulated draws under the null.
- Paired changes: MOVER with Newcombe's continuity-corrected correlation (1998). Without the correction two models that
  agree nearly always get intervals that cover 86 to 90 % at p = .5 and n = 30 and 100.
- Matched thresholds: the interval is for the change between the two decision rules at the two thresholds that are
  printed, not for the change at the thresholds that would match in the whole population.
- AUC: DeLong's on the logit scale, widened to Newcombe's (2006, method 5) where that reaches further. DeLong's alone
  covers 88 to 90 % for an area of .95 with 10 or 20 positives, and less with uneven weights.

## What is refused

An area gets no interval with fewer than 5 positives or 5 negatives (effective numbers, with weights): that few say
nothing of the shape of their scores, and where it is unusual (two peaks, or far wider than the other label's) coverage
falls to between 68 and 85 %. The calibration ratio has none without a positive label.

## Where the numbers do not reach

- Between the shares of the table Wilson's interval dips, as every interval of a rate with few values does: at
  n = 30 and p = .0058 it covers 84 %; 5 % of the shares between 0 and .5 lie below 93 % at n = 30, 1 % at n = 100.
- Weights are drawn without regard to the outcome. Where they depend on it and the heavy outcome is rare, it may not
  occur in the sample at all, and then no method helps: with 30 examples and hits of share .02 that weigh ten times as
  much as the rest the interval covers 43 %; with 1,000, 95 %.
- Scores of AUC are normal. With 10 or 20 positives whose scores spread three times as widely as the negatives', or have
  two peaks around them, the lowest seen was 91 %, and 87 % where also a fifth of the weights were ten times the others.
- The bootstrap, at the bottom of the table, is an option and a warning: its replicates know no more than the sample,
  and a sample without hits has replicates without hits.
"""


SIZES_HEAD = """
## How often a gap is found where there is none

`any_gap` at 5 %, in per cent of samples in which all slices share the rate p; **n** as said in the row. The bar is 6 %.
*Weighted* is the highest of the three kinds of weights. {draws:,} samples a number, which is right to about
{error:.1f} points.

"""


def sizes_table(draws, progress=lambda text: None):
    """{(groups, weights, n, p): (share of samples in which a gap is found, draws)}."""
    found = {}
    for groups in GROUPS:
        started = time.time()
        found |= {(groups, weights, n, p): (rejected(groups, n, p, weights, draws), draws)
                  for weights in WEIGHTS for n in SIZES[:2] for p in SHARES}
        highest = max(share for (name, *_), (share, _) in found.items() if name == groups)
        progress(f"any gap, {groups}: at most {highest:.1%} ({time.time() - started:.0f} s)")
    return found


def sizes_rendered(found):
    """The sizes as Markdown."""
    draws = max(draws for _, draws in found.values())
    columns = [(n, p) for n in SIZES[:2] for p in SHARES]
    lines = ["| | | " + " | ".join(f"n={n} p={p:g}" for n, p in columns) + " |",
             "|---|---|" + "---:|" * len(columns)]
    for groups in dict.fromkeys(groups for groups, *_ in found):
        for title, names in (("", ["none"]), ("weighted", [name for name in WEIGHTS if name != "none"])):
            cells = [f"{100 * max(found[groups, name, n, p][0] for name in names):.1f}" for n, p in columns]
            lines.append(f"| {groups if not title else ''} | {title} | " + " | ".join(cells) + " |")
    error = 100 * np.sqrt(0.05 * 0.95 / draws)
    return SIZES_HEAD.format(draws=draws, error=error) + "\n".join(lines) + "\n"


def rendered(found, sizes=""):
    """The tables as Markdown: a row for each kind and for weights or none, a column for each n and p."""
    kinds = list(dict.fromkeys(kind for kind, *_ in found))
    used = [cell[2] for cell in found.values()]
    lines = [HEAD.format(draws=max(used), least=min(used), error=100 * np.sqrt(BAR * (1 - BAR) / min(used)))]
    lines += ["| | | " + " | ".join(f"n={n} p={p:g}" for n in SIZES for p in SHARES) + " |",
              "|---|---|" + "---:|" * (len(SIZES) * len(SHARES))]
    for kind in kinds:
        for title, names in (("", ["none"]), ("weighted", [name for name in WEIGHTS if name != "none"])):
            cells = [_lowest([found[kind, name, n, p] for name in names]) for n in SIZES for p in SHARES]
            lines.append(f"| {kind.name if not title else ''} | {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n" + sizes + TAIL


def _lowest(cells):
    told = [cell for cell in cells if _told(cell)]
    if not told:
        return "none"
    least, given, _ = min(told)
    return f"{100 * least:.1f}" + (f" ({given:.0%})" if given < 0.995 else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the draws; print the table, do not write it")
    parser.add_argument("--only", default="", help="the kinds whose name holds this text; print the table")
    parser.add_argument("--out", default="docs/coverage.md", help="the file to write")
    asked = parser.parse_args()
    kinds = [kind for kind in KINDS if asked.only in kind.name]
    def progress(text):
        print(text, file=sys.stderr, flush=True)

    found = table(kinds, 0.1 if asked.quick else 1.0, progress)
    sizes = {} if asked.only else sizes_table(400 if asked.quick else 4_000, progress)
    text = rendered(found, sizes_rendered(sizes) if sizes else "")
    if asked.quick or asked.only:
        print(text)
    else:
        Path(asked.out).write_text(text, encoding="utf-8")
    failed = failures(found)
    for groups, weights, n, p, share in too_often(sizes):
        print(f"above the bar: any gap, {groups}, weights {weights}, n = {n}, p = {p}: {share:.1%}", file=sys.stderr)
    for name, weights, n, p, share in failed:
        print(f"below the bar: {name}, weights {weights}, n = {n}, p = {p}: {share:.1%}", file=sys.stderr)
    return 1 if failed or too_often(sizes) else 0


if __name__ == "__main__":
    sys.exit(main())
