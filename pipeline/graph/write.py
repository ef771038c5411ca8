"""A responsibility graph as GraphML (yEd, Gephi, Neo4j), as node-link JSON (cytoscape.js, d3) and as DOT (Graphviz). Same graph, same text."""

from __future__ import annotations

import io
import json

import networkx

from pipeline.text import printable

_LAYERS = ("document", "section", "task", "measure", "target", "unit", "collective")
_SHAPE = {
    "document": "folder",
    "section": "box",
    "task": "box",
    "measure": "note",
    "target": "hexagon",
    "unit": "ellipse",
    "collective": "doubleoctagon",
}
_FILL = {
    "document": "#1F4E79",
    "section": "#DCE6F1",
    "task": "#FFFFFF",
    "measure": "#F7F7F7",
    "target": "#FFF4D6",
    "unit": "#E2F0D9",
    "collective": "#C9E2B8",
}
_PEN = {"lead": 'penwidth=2.2,color="#1F4E79"', "responsible": 'penwidth=1.2,color="#5B7FA6"', "support": 'penwidth=0.8,style=dashed,color="#8C9AA8"'}
_LABEL_WIDTH = 14  # characters in a line of a node's label
_LABEL_LINES = 3


def graphml(graph: networkx.MultiDiGraph) -> str:
    """GraphML; characters that XML cannot hold are left out."""
    clean = networkx.MultiDiGraph()
    for node, attributes in graph.nodes(data=True):
        clean.add_node(_xml(node), **{key: _xml(value) for key, value in attributes.items()})
    for source, target, key, attributes in graph.edges(keys=True, data=True):
        clean.add_edge(_xml(source), _xml(target), key=key, **{name: _xml(value) for name, value in attributes.items()})
    written = io.BytesIO()
    networkx.write_graphml_xml(clean, written)
    return written.getvalue().decode("utf-8") + "\n"


def node_link(graph: networkx.MultiDiGraph) -> str:
    """JSON with `nodes` (id, kind, label, …) and `edges` (source, target, kind, …)."""
    nodes = [{"id": node, **attributes} for node, attributes in graph.nodes(data=True)]
    edges = [{"source": source, "target": target, **attributes} for source, target, attributes in graph.edges(data=True)]
    return (
        json.dumps({"schema": "luoshi/graph/1", "directed": True, "multigraph": True, "nodes": nodes, "edges": edges}, ensure_ascii=False, indent=1)
        + "\n"
    )


def dot(graph: networkx.MultiDiGraph, detail: bool = False) -> str:
    """DOT in layers from left to right: document, sections, tasks, units. `detail` adds measures and targets."""
    shown = set(_LAYERS) if detail else set(_LAYERS) - {"measure", "target"}
    lines = [
        "digraph responsibility {",
        "  rankdir=LR; nodesep=0.12; ranksep=1.1; splines=true;",
        '  node [fontname="Noto Sans CJK SC,Microsoft YaHei,SimHei,sans-serif",fontsize=10,style=filled,color="#8C9AA8"];',
        '  edge [arrowsize=0.5,color="#8C9AA8"];',
    ]
    for layer in _LAYERS:
        members = [node for node, kind in graph.nodes(data="kind") if kind == layer and layer in shown]
        if not members:
            continue
        ranked = layer in ("task", "unit", "collective")
        lines.append(f"  subgraph {_quoted(layer)} {{" + (" rank=same;" if ranked else ""))
        lines.append(f'    node [shape={_SHAPE[layer]},fillcolor="{_FILL[layer]}"' + (',fontcolor="#FFFFFF"' if layer == "document" else "") + "];")
        for node in members:
            label = graph.nodes[node]["label"]
            number = node.split(":", 1)[1] + " " if layer == "task" else ""
            lines.append(f"    {_quoted(node)} [label={_quoted(_folded(number + label))},tooltip={_quoted(label)}];")
        lines.append("  }")
    for source, target, attributes in graph.edges(data=True):
        if graph.nodes[source]["kind"] not in shown or graph.nodes[target]["kind"] not in shown:
            continue
        if attributes["kind"] == "answers_for":  # drawn from task to unit, so that layers read from left to right
            lines.append(f"  {_quoted(target)} -> {_quoted(source)} [{_PEN[attributes['role']]}];")
        elif attributes["kind"] == "member_of":
            lines.append(f"  {_quoted(target)} -> {_quoted(source)} [style=dotted,arrowhead=none];")
        else:
            lines.append(f"  {_quoted(source)} -> {_quoted(target)};")
    return "\n".join(lines) + "\n}\n"


def _xml(value):
    return printable(value) if isinstance(value, str) else value


def _quoted(text: str) -> str:
    """A DOT string: quotes and backslashes escaped, line breaks as \\n, other control characters left out."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + printable(escaped) + '"'


def _folded(label: str) -> str:
    """A label cut into lines; what does not fit ends in …."""
    lines = [label[i : i + _LABEL_WIDTH] for i in range(0, len(label), _LABEL_WIDTH)]
    if len(lines) > _LABEL_LINES:
        lines = lines[:_LABEL_LINES]
        lines[-1] = lines[-1][:-1] + "…"
    return "\n".join(lines)
