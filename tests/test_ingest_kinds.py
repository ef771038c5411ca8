"""What offices send, measured: every file of ../shared by its manifest, hostile ones by time and memory, scores beside those of the text."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pytest

from pipeline.ingest import ocr, office

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "corpora"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/corpora is not here")
# Share of characters in order, and by how much a score may differ from that of the text.
BOUNDS = {"pdf": (0.995, 0.01), "scan": (0.98, 0.03)}
TEXT = (0.999, 0.01)
SECONDS, MEMORY = 20.0, 1536.0
