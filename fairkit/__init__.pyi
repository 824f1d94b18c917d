from fairkit import analysis as analysis
from fairkit import bias as bias
from fairkit import counts as counts
from fairkit import data as data
from fairkit import evaluation as evaluation
from fairkit import models as models
from fairkit import remediation as remediation
from fairkit import view as view
from fairkit.bias.reporting import bias_report as bias_report
from fairkit.counts.rates import RATES as RATES
from fairkit.errors import FairkitError as FairkitError
from fairkit.evaluation.comparison import Comparison as Comparison
from fairkit.evaluation.comparison import compare as compare
from fairkit.evaluation.evaluating import evaluate as evaluate
from fairkit.evaluation.evaluation import Evaluation as Evaluation
from fairkit.evaluation.files import load_evaluation as load_evaluation
from fairkit.evaluation.own_rates import add_rate as add_rate
from fairkit.examples import Examples as Examples
from fairkit.groups import only as only
from fairkit.numeric_groups import bins as bins
from fairkit.numeric_groups import quantiles as quantiles
from fairkit.predictions import Predictions as Predictions
from fairkit.predictions import predict as predict
from fairkit.remediation.remediating import remediate as remediate

__version__: str
from fairkit.remediation.sweeps.sweeping import sweep as sweep
