"""What a rule file may say. Imported only when rules have changed since they were last checked (see `load`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strict=True, min_length=1)]
Id = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")]
Date = Annotated[str, StringConstraints(strict=True, pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Example(Strict):
    """`expect`: for each match in order, the named groups and `set` values that it must have; absent, one match is enough."""

    text: Text
    expect: list[dict[Text, Text]] | None = None


class Counterexample(Strict):
    """A text on which the rule must keep silent, and why."""

    text: Text
    why: Text


class Rule(Strict):
    """A pattern with named groups (`regex`) or a list of words (`terms`). `set` is what a match means; `priority` decides between equal lengths."""

    id: Id
    kind: Literal["regex", "terms"]
    pattern: Text | None = None
    terms: list[Text] | None = None
    set: dict[Text, Text] = {}
    priority: int = 0
    source: Text | None = None
    about: Text | None = None
    examples: Annotated[list[Example | Text], Field(min_length=1)]
    counterexamples: Annotated[list[Counterexample], Field(min_length=1)]


class Concept(Strict):
    """See docs/rules.md: something a measure and a town sentence can have in common without sharing a word."""

    id: Id
    name: Text
    slot: Literal["people", "act", "matter", "means", "venue", "doer", "mechanism"]
    any: list[Annotated[str, StringConstraints(strict=True, min_length=2)]] = []
    all: list[Annotated[list[Annotated[list[Text], Field(min_length=1)]], Field(min_length=2)]] = []
    not_: list[Text] = Field(default=[], alias="not")
    implies: list[Id] = []
    source: Text | None = None
    examples: Annotated[list[Text], Field(min_length=1)]
    counterexamples: Annotated[list[Counterexample], Field(min_length=1)]


class RegisteredUnit(Strict):
    """A body: its full name without the place ("教育局"), other names, where it is found, and what became of it."""

    name: Text
    alias: list[Text] = []
    level: list[Literal["state", "province", "city", "county", "town", "village", "any"]] = ["any"]
    kind: Literal["government", "party", "mass", "congress", "judicial", "institution", "enterprise", "office", "vertical", "other"]
    valid_from: Date | None = None
    valid_to: Date | None = None
    successor: list[Text] = []
    source: Text | None = None


class Setting(Strict):
    """A number or a word that steers a stage, with the reason for its value."""

    id: Id
    value: int | float | Text
    about: Text


class RuleFile(Strict):
    about: Text
    macros: dict[Text, Text | list[Text]] = {}
    rules: list[Rule] = []
    concepts: list[Concept] = []
    units: list[RegisteredUnit] = []
    settings: list[Setting] = []
    places: dict[Text, list[Text]] = {}
