"""Rulebook: the knowledge under rules/ read, validated, self-tested, and matched against text."""
