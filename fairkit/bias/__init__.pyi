from fairkit.bias.clarify import clarify_report as clarify_report
from fairkit.bias.definitions import METRICS as METRICS
from fairkit.bias.definitions import Metric as Metric
from fairkit.bias.report import BiasReport as BiasReport
from fairkit.bias.reporting import bias_report as bias_report
