"""TFMA's web component `<fairness-nb-container>`, as text to put into a page."""

import functools
import importlib.util
from pathlib import Path

from fairkit.errors import FairkitError

__all__ = ["component_source"]

# Rates at thresholds are one metric with a choice of thresholds if their names are in this list, else each is a metric
# of its own. A page puts further names into `window.fairkitRates`.
_KNOWN_RATES = 'false_omission_rate accuracy precision recall".split(" ")'
_ALL_RATES = f"{_KNOWN_RATES}.concat(window.fairkitRates||[])"


@functools.cache
def component_source():
    """The JavaScript of the component, fit to stand inside a `<script>` element.

    TFMA itself is not imported: that would take seconds and start TensorFlow.

    Raises:
        FairkitError: if TFMA is not installed, or ships no component.
    """
    spec = importlib.util.find_spec("tensorflow_model_analysis")
    if spec is None or not spec.submodule_search_locations:
        raise FairkitError("the Fairness Indicators board needs tensorflow-model-analysis, which is not installed",
                           "pip install 'tensorflow-model-analysis>=0.52,<0.53'")
    path = Path(next(iter(spec.submodule_search_locations))) / "static" / "vulcanized_tfma.js"
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise FairkitError("this tensorflow-model-analysis ships no Fairness Indicators component",
                           f"static/{path.name} of version 0.52", error.strerror) from error
    # A script element ends at the first "</script", wherever it stands; inside a JavaScript string "<\/" means "</".
    return source.replace("\r\n", "\n").replace("</script", r"<\/script").replace(_KNOWN_RATES, _ALL_RATES)
