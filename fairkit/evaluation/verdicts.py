"""Verdicts: what an interval allows to be said in words. None contradicts its interval."""

import numpy as np

__all__ = ["CHANGES", "change_verdicts", "gap_verdicts", "limit_verdicts", "value_verdicts"]

CHANGES = ("improved", "worse", "no evidence", "no direction", "undefined")


def change_verdicts(better, change, lower, upper):
    """What became of a rate, (n,): "improved" or "worse" where the interval of the change excludes 0.

    "no evidence" where it does not or where there is none, "undefined" where the change is missing, "no direction" for
    all others where `better` (of a `Rate`) is None.
    """
    change, lower, upper = (np.asarray(x, float) for x in (change, lower, upper))
    if better is None:
        return _words([np.isnan(change)], ["undefined"], "no direction")
    falls, rises = ("improved", "worse") if better == "lower" else ("worse", "improved")
    return _words([np.isnan(change), upper < 0, lower > 0], ["undefined", falls, rises], "no evidence")


def gap_verdicts(change, total, before, after):
    """What became of a gap, (n,): "smaller", "larger" (its size), "reversed", "no evidence" or "undefined".

    Reversed where the intervals before and after exclude 0 on opposite sides: the other side is worse served now.

    |after| < |before| just where after - before and after + before have opposite signs. So a gap is smaller where the
    intervals of both exclude 0 on opposite sides, and larger where they exclude it on the same side. Each is at its
    own level, and both are needed: the chance of a wrong word is at most that of one interval.

    Args:
        change, total, before, after: (value, lower, upper) of after - before, after + before, and of the gap before
            and after, (n,) each.
    """
    change_sign, total_sign, sign_before, sign_after = (
        np.where(lower > 0, 1, 0) - np.where(upper < 0, 1, 0) for _, lower, upper in (change, total, before, after))
    product = change_sign * total_sign
    return _words([np.isnan(change[0]), sign_before * sign_after < 0, product < 0, product > 0],
                  ["undefined", "reversed", "smaller", "larger"], "no evidence")


def limit_verdicts(limit, lower, upper):
    """Whether a gap's size is under a limit, (n,): "pass", "fail", or "not enough data".

    "pass" where the whole interval is nearer to 0 than the limit, "fail" where all of it is farther away. Where a
    bound is missing nothing is known.
    """
    limit, lower, upper = (np.asarray(x, float) for x in (limit, lower, upper))
    known = ~np.isnan(lower) & ~np.isnan(upper)
    return _words([known & (lower > -limit) & (upper < limit), known & ((lower > limit) | (upper < -limit))],
                  ["pass", "fail"], "not enough data")


def value_verdicts(value, lower, upper, least, most):
    """Whether a value is from `least` to `most`, (n,): "pass", "fail", or "not enough data".

    "pass" where the whole interval is, "fail" where none of it is. Where the value or a bound is missing nothing is
    known. The ends are infinite where there is no limit.
    """
    value, lower, upper, least, most = (np.asarray(x, float) for x in (value, lower, upper, least, most))
    known = ~np.isnan(value) & ~np.isnan(lower) & ~np.isnan(upper)
    return _words([known & (lower >= least) & (upper <= most), known & ((upper < least) | (lower > most))],
                  ["pass", "fail"], "not enough data")


def _words(conditions, words, otherwise):
    """The word of the first condition that holds, (n,) objects: each word is one object, however many rows say it."""
    return np.array([*words, otherwise], object)[np.select(conditions, range(len(words)), len(words))]
