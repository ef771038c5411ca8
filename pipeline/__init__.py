"""luoshi (落实): does every town plan carry out the duties of the city plan, and which sentence proves it?

Data flows from top to bottom through the packages: ingest → outline → extract → graph, coverage → report.
`flow` puts the stages in order; `cli` and `batch` call `flow`.
"""

import os

# Our matrices are small: threads would only cost, and cut sums differently on other machines. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
