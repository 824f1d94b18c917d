from fairkit.evaluation.beam.counting import CountCells as CountCells
from fairkit.evaluation.beam.evaluating import evaluate_on_beam as evaluate_on_beam
from fairkit.evaluation.beam.inference import KerasScores as KerasScores
from fairkit.evaluation.beam.sources import ReadPredictions as ReadPredictions
