from fairkit.view.fairness_indicators import Board as Board
from fairkit.view.fairness_indicators import board as board
