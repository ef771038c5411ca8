"""An extraction → who answers for what, as a graph. build: the graph · questions: what one asks of it · write: GraphML, JSON, DOT."""
