"""Three formats, each readable by its own reader, each the same bytes every time."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import networkx
from support import make_extraction

from pipeline.graph.build import build
from pipeline.graph.write import dot, graphml, node_link

HOSTILE = '"];\n}<script>\\\x00\x0b&'
GRAPH = build(make_extraction(12, suffix=HOSTILE), {"各镇（街道）": ("云溪镇",)})


def test_graphml_reads_back_with_all_nodes_and_edges():
    again = networkx.parse_graphml(graphml(GRAPH), force_multigraph=True)
    assert again.number_of_nodes() == GRAPH.number_of_nodes() > 0
    assert again.number_of_edges() == GRAPH.number_of_edges() > 0
    assert again.nodes["document"]["label"] == GRAPH.nodes["document"]["label"]


def test_json_holds_every_edge_between_known_nodes():
    content = json.loads(node_link(GRAPH))
    known = {node["id"] for node in content["nodes"]}
    assert len(known) == GRAPH.number_of_nodes()
    assert len(content["edges"]) == GRAPH.number_of_edges()
    assert all(edge["source"] in known and edge["target"] in known for edge in content["edges"])


def test_dot_keeps_quotes_and_control_characters_inside_strings():
    text = dot(GRAPH, detail=True)
    assert text.startswith("digraph") and text.endswith("}\n")
    assert "\x00" not in text
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)  # what is left when all strings are taken out
    assert '"' not in outside and "script" not in outside
    assert outside.count("{") == outside.count("}") > 1


def test_dot_leaves_measures_out_unless_asked():
    assert '"measure:' not in dot(GRAPH) and '"measure:' in dot(GRAPH, detail=True)


def test_the_bytes_do_not_depend_on_the_hash_seed():
    code = """
import hashlib
from support import make_extraction
from pipeline.graph.build import build
from pipeline.graph.write import dot, graphml, node_link
graph = build(make_extraction(20), {"各镇（街道）": ("甲镇", "乙镇")})
print(hashlib.sha256((graphml(graph) + node_link(graph) + dot(graph, True)).encode()).hexdigest())
"""
    here = Path(__file__).resolve().parent
    seen = set()
    for seed in ("1", "2"):
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}
        seen.add(subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout)
    assert len(seen) == 1 and seen != {""}
