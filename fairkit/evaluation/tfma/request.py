"""What a TFMA EvalConfig asks for, in fairkit's words, and what of it the counts engine does not compute."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fairkit.errors import FairkitError, quote
from fairkit.evaluation.tfma.config import INTERVALS, slicing_specs_of
from fairkit.evaluation.tfma.fields import BY_HAND, refused
from fairkit.evaluation.tfma.metrics import INDICATORS, config_protos, counted, options_of, thresholds_in

__all__ = ["FLIPS", "TfmaRequest", "given_spec", "read_config", "spec_of"]

FLIPS = "fairkit.evaluation.flips(model, pairs), with pairs = fairkit.remediation.counterfactuals(...)"
_FILE = "eval_config.json"
_RUN_BY_TFMA = "engine='tfma', which runs the config as it is"
_MODULES = ("tensorflow_model_analysis", "fairness_indicators", "tf_keras", "keras", "tensorflow")
_TWO_MODELS = ("the config of one model for each, then fairkit.compare(before, after), whose quality has the change of "
               "AUC")


@dataclass(frozen=True)
class TfmaRequest:
    """An `EvalConfig`, read.

    Attributes:
        config: the `EvalConfig` itself.
        slices: slice specs as `fairkit.evaluate` takes them; overall, (), where the config has it.
        thresholds: ascending; None if it asks for no rate at a threshold.
        classes: the classes that it binarizes for, ascending; None if it names none.
        metrics: the names in fairkit's frame of the metrics that it asks for and the counts engine computes.
        label, prediction, weight: the features that hold these; None where it names none. TFMA counts every example
            once where there is no weight.
        intervals: "jackknife", "poisson_bootstrap" or None.
        min_examples: TFMA leaves out slices with fewer examples.
        not_counted: what it asks for and the counts engine does not compute, in the words of the config.
        ways_out: dict of each of these -> what to do instead.
        not_run: dict of what engine="tfma" cannot run -> what to do instead.
        validates: whether it sets thresholds on values.
    """

    config: object
    slices: list
    thresholds: list | None
    classes: list | None
    metrics: tuple
    label: str | None
    prediction: str | None
    weight: str | None
    intervals: str | None
    min_examples: int
    not_counted: tuple
    ways_out: dict
    not_run: dict
    validates: bool

    def require_counted(self):
        """Raises `FairkitError` if the config asks for anything that the counts engine does not compute."""
        _require_none("the config asks for what the counts engine does not compute", self.ways_out)

    def require_run(self, besides=()):
        """Raises `FairkitError` if the config asks for anything that engine="tfma" cannot run.

        Args:
            besides: more of the kind, as pairs of what it is and what to do instead.
        """
        _require_none("the config asks for what engine='tfma' does not run", {**self.not_run, **dict(besides)})


def read_config(config):
    """Reads a TFMA configuration.

    Args:
        config: an `EvalConfig` or `EvalRun`, the text of one (protobuf text or JSON), a dict as JSON gives it, or the
            path of a file with one; a folder that TFMA wrote counts as its eval_config.json.

    Returns:
        `TfmaRequest`.

    Raises:
        FairkitError: for a text that is no such configuration, a path without a file, or options of a metric that
            are no JSON.

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation.tfma.request import read_config
        >>> request = read_config('''
        ...     slicing_specs { feature_keys: "gender" feature_values { key: "religion" value: "muslim" } }
        ...     metrics_specs { metrics { class_name: "FairnessIndicators" config: '"thresholds": [0.5]' }
        ...                     metrics { class_name: "MeanAbsoluteError" } }''')
        >>> request.slices, request.thresholds, request.not_counted
        ([{'gender': None, 'religion': 'muslim'}], [0.5], ('MeanAbsoluteError',))
    """
    config = _proto(config)
    models = _several_models(config)
    not_run = {**models, **refused(config, "tfma"), **_arrays_with_limits(config)}
    if config.options.min_slice_size.value > 1 and config.cross_slicing_specs:
        not_run["cross_slicing_specs beside options.min_slice_size"] = "engine='counts': TFMA stops at the two together"
    ways_out = {**models, **refused(config, "counts"), **_arrays_with_limits(config)}
    metrics, thresholds, classes = [], set(), set()
    for spec in config.metrics_specs:
        classes.update(spec.binarize.class_ids.values)
        ways_out |= dict.fromkeys(_beyond_spec(spec, _is_weighted(config)), _RUN_BY_TFMA)
        for metric in spec.metrics:
            names, at, odd = _counted_in(metric, spec, classes)
            metrics += names
            if "example_count" in names and _is_weighted(config) and not spec.example_weights.unweighted:
                metrics.append("weighted_example_count")   # which TFMA calls example_count, too
            thresholds.update(map(float, at))
            ways_out |= {odd: _instead_of(metric)} if odd else {}
    model = config.model_specs[0] if config.model_specs else config_protos().ModelSpec()
    options = config.options
    return TfmaRequest(
        config=config, slices=[spec_of(spec) for spec in slicing_specs_of(config)],
        thresholds=sorted(thresholds) or None, classes=sorted(classes) or None, metrics=tuple(dict.fromkeys(metrics)),
        label=model.label_key or None, prediction=model.prediction_key or None,
        weight=model.example_weight_key or None, intervals=_intervals(options),
        min_examples=max(options.min_slice_size.value, 1), not_counted=tuple(ways_out), ways_out=ways_out,
        not_run=not_run, validates=any(_has_limits(part) for spec in config.metrics_specs for part in
                                       (spec, *spec.metrics)))


def spec_of(slicing_spec):
    """The slice spec, as `fairkit.evaluate` takes it, of a TFMA `SlicingSpec` (or anything with its two fields).

    Raises:
        FairkitError: for a feature that is named both with and without a value.

    Example:
        >>> import fairkit, types
        >>> from fairkit.evaluation.tfma.request import spec_of
        >>> spec_of(types.SimpleNamespace(feature_keys=["religion", "gender"], feature_values={}))
        ('religion', 'gender')
    """
    keys, values = list(slicing_spec.feature_keys), dict(slicing_spec.feature_values)
    both = sorted({*keys} & {*values})
    if both:
        raise FairkitError(f"a slicing spec names {quote(both[0])} both with a value and without", "one of the two",
                           f"feature_keys {keys}, feature_values {values}")
    if values:
        return {**dict.fromkeys(keys), **values}
    return keys[0] if len(keys) == 1 else tuple(keys)


def given_spec(slicing_spec):
    """`spec_of` a `SlicingSpec` that is given as a slice.

    Raises:
        FairkitError: for one in SQL, too.
    """
    sql = getattr(slicing_spec, "slice_keys_sql", "")
    if sql:
        raise FairkitError("a slice in SQL is not computed", BY_HAND, quote(sql))
    return spec_of(slicing_spec)


def _counted_in(metric, spec, classes):
    """What `counted` says of a metric, in view of its spec; a class that it names itself is added to `classes`."""
    names, at, odd = counted(metric)
    if odd is None and metric.module and not metric.module.startswith(_MODULES):
        return (), (), f"{metric.class_name} of {metric.module}"
    if odd is None and names == ("accuracy",) and spec.HasField("binarize"):
        return (), (), f"{metric.class_name} of single classes"
    if odd is None and options_of(metric).get("class_id") is not None:
        classes.add(int(options_of(metric)["class_id"]))
    return names, at, odd


def _require_none(problem, ways_out):
    if ways_out:
        raise FairkitError(problem, "; ".join(dict.fromkeys(ways_out.values())), ", ".join(ways_out))


def _several_models(config):
    if len(config.model_specs) < 2:
        return {}
    return {"several models: " + ", ".join(quote(spec.name) for spec in config.model_specs): _TWO_MODELS}


def _has_limits(part):
    """Whether a `MetricsSpec` or `MetricConfig` sets thresholds on values."""
    own = part.thresholds if hasattr(part, "thresholds") else part.HasField("threshold")
    return bool(own or part.per_slice_thresholds or part.cross_slice_thresholds)


def _arrays_with_limits(config):
    """Thresholds on values of a metric that gives several: TFMA compares single numbers."""
    return {f"validation thresholds of {metric.class_name} at {len(at)} thresholds":
            f"a metric for each, with a name of its own: {metric.class_name} with thresholds [{at[0]}] and so on"
            for spec in config.metrics_specs for metric in spec.metrics
            if metric.class_name != INDICATORS and _has_limits(metric) and len(at := thresholds_in(metric) or ()) > 1}


def _instead_of(metric):
    """What to do instead where the counts engine has no such metric."""
    name = metric.class_name
    if "Flip" in name:
        return FLIPS
    if name == "SymmetricPredictionDifference":
        return "fairkit.compare(before, after)"
    if name.endswith("Plot"):
        return "engine='tfma', then evaluation.save(folder) and tfma.load_plots(folder)"
    return _RUN_BY_TFMA


def _beyond_spec(spec, weighted):
    names = ", ".join(metric.class_name for metric in spec.metrics)
    counts_only = all(metric.class_name == "ExampleCount" for metric in spec.metrics)
    if weighted and spec.example_weights.unweighted and not counts_only:
        yield f"unweighted {names}"


def _is_weighted(config):
    return any(spec.example_weight_key for spec in config.model_specs)


def _intervals(options):
    if not options.compute_confidence_intervals.value:
        return None
    method = config_protos().ConfidenceIntervalOptions.ConfidenceIntervalMethod.Name(
        options.confidence_intervals.method).lower()
    return method if method in INTERVALS else INTERVALS[0]  # TFMA's own default


def _proto(config):
    """The `EvalConfig` in whatever a user gave."""
    protos = config_protos()
    if isinstance(config, protos.EvalConfig):
        return config
    if isinstance(config, protos.EvalRun):
        return config.eval_config
    source = "config"
    if isinstance(config, (str, Path)):
        config, source = _text(config)
    elif not isinstance(config, Mapping):
        raise FairkitError("this is no TFMA configuration", "an EvalConfig, its protobuf text or JSON, or a path",
                           type(config).__name__)
    try:
        return _parsed(config, protos)
    except (ValueError, TypeError, AttributeError) as error:
        raise FairkitError(f"the {source} is no EvalConfig of TFMA", "its protobuf text or JSON",
                           _quoted(config, error)) from None


def _parsed(config, protos):
    from google.protobuf import json_format, text_format

    if isinstance(config, str) and not config.lstrip().startswith("{"):
        try:
            return text_format.Parse(config, protos.EvalConfig())
        except text_format.ParseError as error:
            raise ValueError(str(error)) from None
    config = json.loads(config) if isinstance(config, str) else config
    try:
        if {"evalConfig", "eval_config"} & {*config}:
            return json_format.ParseDict(config, protos.EvalRun()).eval_config
        return json_format.ParseDict(config, protos.EvalConfig())
    except json_format.ParseError as error:
        raise ValueError(str(error)) from None


def _quoted(config, error):
    """The parser's message, with the line of the text that it points at."""
    message = " ".join(str(error).split())
    at = re.match(r"(\d+):\d+ :|.*\bline (\d+) column", message)
    if at is None or not isinstance(config, str):
        return message
    lines = config.splitlines()
    number = int(at.group(1) or at.group(2))
    return f"{quote(lines[number - 1].strip())} ({message})" if number <= len(lines) else message


def _text(given):
    """(text, what it is called in a message) of a path or a text."""
    path = Path(given)
    is_text = isinstance(given, str) and ("\n" in given or "{" in given or ":" in given)
    try:
        path = path / _FILE if path.is_dir() and str(given).strip() else path
        if path.is_file():
            return path.read_text("utf-8"), f"file {str(path)!r}"
    except (OSError, ValueError) as error:  # a text too long for a path, or bytes that are no text
        if not is_text:
            raise FairkitError(f"the config {str(given)!r} cannot be read", "a text file", str(error)) from None
    if not is_text:
        raise FairkitError(f"there is no TFMA configuration {str(given)!r}",
                           "the path of a file, or the text of an EvalConfig", "no such file")
    return given, "config"
