"""The kinds of intervals that the coverage simulation judges: each draws samples and asks fairkit's own functions.

A kind is a function of a `Setting`: it returns (truth, lower, upper), one number or one for each draw.
"""

import dataclasses
from types import SimpleNamespace

import numpy as np
from coverage_draws import WEIGHTS, counts, decisions
from scipy.special import ndtr, ndtri

from fairkit.counts.auc import area, covariance, ranking
from fairkit.counts.auc_intervals import area_interval
from fairkit.counts.bootstrap import percentile_interval, replicate_sums, t_interval
from fairkit.counts.intervals import calibration, estimate, mean_score
from fairkit.counts.paired import join
from fairkit.counts.rates import RATES, Counts
from fairkit.evaluation.areas import Area
from fairkit.evaluation.auc_gaps import auc_blocks
from fairkit.evaluation.gaps import gap, ratio
from fairkit.evaluation.matching import match_threshold
from fairkit.evaluation.pairing import quality
from fairkit.predictions import Predictions

__all__ = ["KINDS", "Kind"]

RATE, F1 = RATES["false_positive_rate"], RATES["f1_score"]
DISJOINT, NESTED, OVERLAPPING = (1, 0, 1), (0, 1, 1), (1, 1, 1)  # which of slice only, both, reference only there are


def rate(s):
    return s.p, *estimate(RATE, counts(s.outcomes(s.n, [1 - s.p, s.p])))[1:3]


def f1(s):
    hits = s.p / (2 - s.p)  # F1 is p where tp / (tp + fp + fn) is this
    fp, fn, tp = np.moveaxis(s.outcomes(s.n, [(1 - hits) / 2, (1 - hits) / 2, hits]), 1, 0)
    return s.p, *estimate(F1, Counts(tp=tp, fp=fp, tn=0 * tp, fn=fn))[1:3]


def scored(s):
    """Calibrated scores with mean p (beta, concentration 2), labels and weights: moments, and sums of scores."""
    found = []
    for start in range(0, s.draws, 1000):
        shape = min(1000, s.draws - start), s.n
        score, w = s.rng.beta(2 * s.p, 2 * (1 - s.p), shape), s.weigh(*shape)
        label = s.rng.random(shape) < score
        found.append(np.stack([[np.where(label == k, x, 0).sum(1) for x in (
            np.ones(shape), w, w**2, w * score, w * score**2, w**2 * score, w**2 * score**2)] for k in (False, True)]))
    table = np.moveaxis(np.concatenate(found, axis=2), 2, 0)
    return np.moveaxis(table, 2, -1)[..., :3], np.moveaxis(table, 2, -1)[..., 3:]


def mean_prediction(s):
    moments, sums = (x.sum(1) for x in scored(s))
    return s.p, *mean_score(moments, sums)[1:]


def calibration_ratio(s):
    return 1.0, *calibration(*scored(s))[1:]


def parts(s, there, other):
    """The three parts of a slice of n (or n + n / 2) examples with rate p and its reference with rate `other`."""
    sizes = (s.n, s.n // 2 if there == OVERLAPPING else s.n, 3 * s.n)
    tables = [s.outcomes(size, [1 - q, q]) * kept
              for size, q, kept in zip(sizes, (s.p, s.p, other), there, strict=True)]
    truth = np.array([s.p, s.p, other])
    return np.stack(tables, 1), truth, np.array(sizes) * there


def gap_of(there, factor=1.0, measure=gap):
    def kind(s):
        tables, truth, sizes = parts(s, there, min(factor * s.p, 0.8))
        own, reference = (np.average(truth[which], weights=sizes[which]) for which in (slice(2), slice(1, 3)))
        return own - reference if measure is gap else own / reference, *measure(RATE, counts(tables))[1:]
    return kind


def sampled(share, measure=gap):
    """A slice that each example is in with this probability, at rate p; the rest at 1 - p. The reference is overall."""
    def kind(s):
        shares = [share * (1 - s.p), share * s.p, (1 - share) * s.p, (1 - share) * (1 - s.p)]
        drawn = s.outcomes(round(s.n / share), shares)
        tables = np.stack([np.zeros_like(drawn[:, :2]), drawn[:, :2], drawn[:, 2:]], 1)
        overall = share * s.p + (1 - share) * (1 - s.p)
        return s.p - overall if measure is gap else s.p / overall, *measure(RATE, counts(tables))[1:]
    return kind


def sampled_change(share):
    """The same; the second model flags as many of the slice as the first, and of the rest half of those."""
    def kind(s):
        rest = 1 - s.p
        inside, outside = [1 - s.p, 0, 0, s.p], [1 - rest, 0, rest / 2, rest / 2]
        drawn = s.outcomes(round(s.n / share), [*(share * np.array(inside)), *((1 - share) * np.array(outside))])
        tables = np.zeros((s.draws, 2, 2, 2, 2, 3))
        tables[:, :, 0] = drawn.reshape(-1, 2, 2, 2, 3)
        rows = [[[0, 0], [1, 0], [0, 1]]]
        return (1 - share) * rest / 2, *decisions(tables).over(rows, rows).gap_change(RATE)[2][1:]
    return kind


def moved(p, move):
    """Shares of: neither model flags, only the second, only the first, both. The second flags `move` p / 2 more."""
    return [1 - p - move * p, move * p, move * p / 2, p - move * p / 2]


def joint(s, n, move):
    table = np.zeros((s.draws, 1, 2, 2, 2, 3))
    table[:, 0, 0] = s.outcomes(n, moved(s.p, move)).reshape(-1, 2, 2, 3)
    return table


def paired_change(move):
    def kind(s):
        _, _, (_, lower, upper) = decisions(joint(s, s.n, move)).over([1], [1]).change(RATE)
        return move * s.p / 2, lower, upper
    return kind


def symmetric_change(rate):
    """2 n examples; each model flags half of them, both the same in four of five; labels have the share p in both."""
    def kind(s):
        flagged = np.array([0.4, 0.1, 0.1, 0.4])
        table = s.outcomes(2 * s.n, np.concatenate([(1 - s.p) * flagged, s.p * flagged])).reshape(-1, 1, 2, 2, 2, 3)
        return 0.0, *decisions(table).over([1], [1]).change(rate)[2][1:]
    return kind


def gap_change(there, move):
    def kind(s):
        tables = np.concatenate([joint(s, s.n, move), joint(s, 3 * s.n, move)], 1)
        rows = [[[there[0], 0], [there[1], 0], [0, 1]]]
        return 0.0, *decisions(tables).over(rows, rows).gap_change(RATE)[2][1:]
    return kind


def matched(measure, narrow):
    """A slice of n among 4 n, at a threshold where the rest's rate is p, and at the one matched by overall rate.

    The truth is the change between the two printed thresholds. `narrow`: the slice's second scores crowd at the
    threshold, five times as densely as the others do around their mean.
    """
    def kind(s):
        cut = -ndtri(s.p)
        before, after = (0.5, 1.0), (cut, 0.2) if narrow else (0.2, 1.0)
        found = [_matched_draws(s, min(250, s.draws - k), cut, before, after) for k in range(0, s.draws, 250)]
        table, threshold = (np.concatenate(x) for x in zip(*found, strict=True))
        own = [ndtr((m - at) / sd) for at, (m, sd) in ((cut, before), (threshold, after))]
        rest = [ndtr(-at) for at in (cut, threshold)]
        weight = table[..., 1].sum((2, 3, 4))
        share = weight[:, 0] / weight.sum(1)
        if measure == "change":
            return own[1] - own[0], *decisions(table).over([1, 0], [1, 0]).change(RATE)[2][1:]
        truth = (1 - share) * (own[1] - rest[1] - own[0] + rest[0])
        rows = [[[0, 0], [1, 0], [0, 1]]]
        return truth, *decisions(table).over(rows, rows).gap_change(RATE)[2][1:]
    return kind


def _matched_draws(s, draws, cut, before, after):
    """(joint tables (draws, 2 atoms, ...), the latent score of each matched threshold)."""
    size = 4 * s.n
    inside = np.arange(size) < s.n
    first = s.rng.standard_normal((draws, size))
    second = 0.8 * first + 0.6 * s.rng.standard_normal((draws, size))
    first, second = (np.where(inside, m + sd * z, z) for z, (m, sd) in ((first, before), (second, after)))
    w, label = s.weigh(draws, size), np.zeros(size, int)
    target = np.average(first > cut, axis=1, weights=w)
    threshold = np.array([match_threshold(RATE, target[k], Predictions.of_checked(label, second[k], {}, w[k]), None)
                          for k in range(draws)])
    codes = np.arange(draws)[:, None] * 2 + ~inside
    table = join(codes.ravel(), 2 * draws, np.zeros(draws * size, int), (first > cut).ravel(),
                 (second > threshold[:, None]).ravel(), w.ravel()).table
    return table.reshape(draws, 2, *table.shape[1:]), threshold


def auc(true):
    def kind(s):
        found = []
        for _ in range(s.draws):
            positive, (scores, _), weights = _ranked(s, s.n, true)
            one = area(positive, scores, weights)
            found.append((one.value, covariance(one, one), *one.sizes))
        return true, *area_interval(*np.transpose(found))
    return kind


def auc_change(true):
    def kind(s):
        bounds = []
        for _ in range(s.draws):
            positive, scores, weights = _ranked(s, s.n, true)
            sides = [Predictions.of_checked(positive.astype(int), ndtr(x), {}, weights) for x in scores]
            bounds.append(quality(*sides, True, [None])[1][-2:])
        return 0.0, *np.transpose(bounds)
    return kind


def auc_gap(true, nested):
    """The slice has n examples, the rest 3 n; the reference is the rest or overall."""
    def kind(s):
        slice_, rest = np.array([True, False]), np.array([False, True])
        codes = np.repeat([0, 1], [s.n, 3 * s.n])

        def area_of(x):
            return Area(x.value, covariance(x, x), x.positives, x.negatives, *x.sizes)

        def drawn(*_):
            found = []
            for _ in range(s.draws):
                positive, (scores, _), weights = _ranked(s, 4 * s.n, true)
                a, b, variance = ranking(codes, positive, scores, weights).gap(slice_,
                                                                               slice_ | rest if nested else rest)
                found.append((area_of(a), area_of(b), variance))
            own, other, variances = zip(*found, strict=True)
            return own, other, np.array(variances)

        evaluation = SimpleNamespace(areas=SimpleNamespace(gaps=drawn), cells=SimpleNamespace(classes=(None,)))
        block = next(iter(auc_blocks(evaluation, None, None)))
        return 0.0, block["lower"], block["upper"]
    return kind


def _ranked(s, n, true):
    """(labels, the normal scores of two models whose area is `true`, weights or None) of one sample."""
    positive, z = s.rng.random(n) < s.p, s.rng.standard_normal((2, n))
    weights = None if WEIGHTS[s.weights] is None else s.weigh(n)
    return positive, np.stack([z[0], 0.8 * z[0] + 0.6 * z[1]]) + ndtri(true) * np.sqrt(2) * positive, weights


def bootstrapped(interval, replicates, there=None):
    def kind(s):
        tables = s.outcomes(s.n, [1 - s.p, s.p])[:, None] if there is None else parts(s, there, s.p)[0][:, [0, 2]]
        bounds = []
        for chunk in np.array_split(tables, max(1, s.draws // 100)):
            k = np.arange(chunk[..., 0].size)
            sums = replicate_sums(k // 2, k % 2, chunk.reshape(-1, 3), 2, np.eye(len(k) // 2, dtype=bool), replicates,
                                  int(s.rng.integers(1 << 30)))
            miss, hit = sums.reshape(2, *chunk.shape[:2], replicates)
            share = np.divide(hit, hit + miss, out=np.full(hit.shape, np.nan), where=hit + miss > 0)
            bounds.append(interval(share[:, 0] if there is None else share[:, 0] - share[:, 1]))
        return s.p if there is None else 0.0, *np.clip(np.concatenate(bounds, axis=1), -1, 1)
    return kind


@dataclasses.dataclass(frozen=True)
class Kind:
    """A row of the table: how it is simulated, with how many draws, and whether it is shown by default."""

    name: str
    simulate: object
    draws: int = 20_000
    default: bool = True


KINDS = [
    Kind("rate (Wilson)", rate),
    Kind("F1", f1),
    Kind("mean prediction", mean_prediction, 5_000),
    Kind("calibration ratio", calibration_ratio, 5_000),
    Kind("gap, disjoint slices (Newcombe)", gap_of(DISJOINT)),
    Kind("gap, disjoint, reference twice as high", gap_of(DISJOINT, 2.0)),
    Kind("gap, slice minus overall", gap_of(NESTED)),
    Kind("gap, slice minus overall, rest twice as high", gap_of(NESTED, 2.0)),
    Kind("gap, slice minus overall, a random quarter, rest 1 - p", sampled(0.25)),
    Kind("gap, slice minus overall, a random half, rest 1 - p", sampled(0.5)),
    Kind("gap, partly overlapping slices", gap_of(OVERLAPPING)),
    Kind("gap, partly overlapping, twice as high", gap_of(OVERLAPPING, 2.0)),
    Kind("ratio, disjoint slices", gap_of(DISJOINT, 2.0, ratio), 4_000),
    Kind("ratio, slice over overall", gap_of(NESTED, 2.0, ratio), 4_000),
    Kind("ratio, slice over overall, a random half, rest 1 - p", sampled(0.5, ratio), 4_000),
    Kind("paired change, models agree nearly always", paired_change(0.05)),
    Kind("paired change, models agree mostly", paired_change(0.2)),
    Kind("paired change, models differ much", paired_change(0.8)),
    Kind("paired change of precision", symmetric_change(RATES["precision"])),
    Kind("paired change of F1", symmetric_change(F1)),
    Kind("change of a gap, disjoint slices", gap_change((1, 0), 0.2)),
    Kind("change of a gap, slice minus overall", gap_change((0, 1), 0.2)),
    Kind("change of a gap, slice minus overall, a random half", sampled_change(0.5)),
    Kind("matched change", matched("change", False), 6_000),
    Kind("matched change, scores crowd at the threshold", matched("change", True), 6_000),
    Kind("matched change of a gap", matched("gap", False), 6_000),
    Kind("matched change of a gap, scores crowd", matched("gap", True), 6_000),
    Kind("AUC .8", auc(0.8), 3_000),
    Kind("AUC .95", auc(0.95), 3_000),
    Kind("AUC change, paired, .8", auc_change(0.8), 2_000),
    Kind("AUC change, paired, .95", auc_change(0.95), 2_000),
    Kind("AUC gap, disjoint slices, .8", auc_gap(0.8, False), 2_000),
    Kind("AUC gap, slice minus overall, .95", auc_gap(0.95, True), 2_000),
    Kind("rate, bootstrap percentiles (1,000)", bootstrapped(percentile_interval, 1000), 2_000, default=False),
    Kind("rate, TFMA's form (20 replicates, t)", bootstrapped(t_interval, 20), 5_000, default=False),
    Kind("gap, bootstrap percentiles (1,000)", bootstrapped(percentile_interval, 1000, DISJOINT), 2_000, default=False),
    Kind("gap, TFMA's form (20 replicates, t)", bootstrapped(t_interval, 20, DISJOINT), 5_000, default=False),
]
