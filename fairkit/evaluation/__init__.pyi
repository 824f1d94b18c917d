from fairkit.evaluation.comparison import Comparison as Comparison
from fairkit.evaluation.comparison import compare as compare
from fairkit.evaluation.evaluating import evaluate as evaluate
from fairkit.evaluation.evaluation import Evaluation as Evaluation
from fairkit.evaluation.files import load_evaluation as load_evaluation
from fairkit.evaluation.prediction_chunks import read_predictions as read_predictions
from fairkit.evaluation.tfma.result import TfmaEvaluation as TfmaEvaluation
