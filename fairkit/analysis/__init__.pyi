from fairkit.analysis.balancing import balance as balance
from fairkit.analysis.describing import describe as describe
from fairkit.analysis.description import Description as Description
