from fairkit import counts as counts
from fairkit import data as data
from fairkit import evaluation as evaluation
from fairkit import models as models
from fairkit import remediation as remediation
from fairkit import view as view
from fairkit.errors import FairkitError as FairkitError
from fairkit.evaluation.comparison import Comparison as Comparison
from fairkit.evaluation.comparison import compare as compare
from fairkit.evaluation.evaluating import evaluate as evaluate
from fairkit.evaluation.evaluation import Evaluation as Evaluation
from fairkit.evaluation.files import load_evaluation as load_evaluation
from fairkit.examples import Examples as Examples
from fairkit.groups import only as only
from fairkit.predictions import Predictions as Predictions
from fairkit.predictions import predict as predict
from fairkit.remediation.remediating import remediate as remediate

__version__: str
