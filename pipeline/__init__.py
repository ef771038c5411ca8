"""luoshi (落实): does every town plan carry out the duties of the city plan, and which sentence proves it?

Data flows from top to bottom through the packages: ingest → outline → extract → graph, coverage → report.
`flow` puts the stages in order; `cli` and `batch` call `flow`.
"""

__version__ = "0.1.0"
