"""Sets the judge's weights on plans with truth, each group judged by weights that never saw it: `make fit`.

    python tests/fit_judge.py [--list FILE] [--write]

Without `--list` the groups are those of corpora/ (and of ../shared where it is there). FILE adds more: a line a plan, `theme/group TAB upper plan TAB lower plan TAB truth`.
A truth says of each measure whether the lower plan carries it out and by which sentences, as corpora/*/*.truth.json do. The first plan of each group of another theme
carries out nothing: it teaches what a stranger looks like. Prints measure macro F1 and evidence a group, with a concept pack and without; `--write` puts the weights, fitted on everything, into
rules/coverage/judge.yaml.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pipeline import flow  # noqa: E402
from pipeline.coverage import Duties, judge  # noqa: E402
from pipeline.coverage.link import FEATURES, Links  # noqa: E402
from pipeline.coverage.statements import Statement  # noqa: E402
from pipeline.evaluate import alike  # noqa: E402

SHARED = ROOT.parent / "shared" / "corpora"
STEPS = {"own": {0: 1, 1: 3}, "context": {0: 1, 1: 1.5}}  # a true link counts so much more than a false one
STRANGERS = 0.15  # all measures of strangers together, beside those of the plans with truth
LEAST = judge._FLOOR


@dataclass
class Pair:
    """One lower plan under one upper plan. `truth`: per binding measure whether it is carried out, and by which statements."""

    group: str
    stranger: bool
    domain: str
    links: Links
    statements: tuple[Statement, ...]
    walk: object
    kinship: float
    truth: dict[int, tuple[bool, set[int]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    plans = cases(options.list)
    line = flow.prepare()
    read = {path: flow.read_plan(line, path) for path in {p for _, upper, lower, _ in plans for p in (upper, lower)}}
    fitted = {}
    for kind, domain in (("pack", "auto"), ("general", "none")):
        duties = {upper: Duties(read[upper], line.readers, domain) for _, upper, _, _ in plans}
        pairs = [pair(duties[upper], read[lower], line, group, json.loads(truth.read_text(encoding="utf-8"))) for group, upper, lower, truth in plans]
        uppers, lowers = ({group: row[n] for group, *row in reversed(plans)} for n in (0, 1))
        pairs += [pair(duties[upper], read[lowers[other]], line, group, None) for group, upper in uppers.items() for other in lowers if theme(other) != theme(group)]
        pairs = [p for p in pairs if kind == "general" or p.domain != "none"]
        print(f"{kind}: {sum(not p.stranger for p in pairs)} plans, {sum(p.stranger for p in pairs)} strangers")
        report(pairs)
        fitted[kind] = fit(pairs)
    if options.write:
        write(fitted)


def theme(group: str) -> str:
    return group.partition("/")[0]


def cases(more: Path | None) -> list[tuple[str, Path, Path, Path]]:
    """("theme/group", upper plan, lower plan, truth)"""
    found = []
    for folder, group in ((ROOT / "corpora" / "demo", "rural/demo"), (ROOT / "corpora" / "science", "science/science")):
        for truth in sorted(folder.glob("*.truth.json")):
            name = truth.name.removesuffix(".truth.json")
            if name != "city":
                found.append((group, folder / "city.txt", next(p for p in sorted(folder.glob(f"{name}.*")) if p.suffix != ".json"), truth))
    for truth in sorted((SHARED / "towns").glob("*.truth.json")):
        found.append(("science/rugao", SHARED / "city" / "rugao-science-literacy-2021-2035.txt", truth.with_name(truth.name.removesuffix(".truth.json") + ".txt"), truth))
    for row in more.read_text(encoding="utf-8").splitlines() if more else ():
        group, *paths = row.split("\t")
        found.append((group, *map(Path, paths)))
    return found


def pair(duties: Duties, lower, line: flow.Line, group: str, truth: dict | None) -> Pair:
    """A plan and what is true of it; without truth it is a stranger, which carries out nothing."""
    statements, _, links, kinship, _ = duties.linked(lower)
    known: dict[int, tuple[bool, set[int]]] = {}
    for i, (_, measure) in enumerate(duties.pairs):
        told = truth["measures"].get(measure.id) if truth else {"covered": False, "evidence": []}
        if told is not None and told.get("binds_lower", True):
            known[i] = bool(told["covered"]), {s.order for s in statements for e in told["evidence"] if alike(s.text, e) >= 0.6}
    return Pair(group, truth is None, duties.domain, links, statements, duties.walk, kinship, known)


def fit(pairs: list[Pair]) -> judge.Weights:
    """Three logistic regressions, one upon the other: a link by its own words, in its context, the measure by its best two links."""
    told = [p for p in pairs if not p.stranger]
    rows, right = [], []
    for p in told:
        for i, (covered, at) in p.truth.items():
            columns = numpy.flatnonzero(p.links.linked[i])
            rows.append(p.links.features[i, columns])
            right += [covered and p.links.order[column] in at for column in columns]
    own = LogisticRegression(class_weight=STEPS["own"], max_iter=1000).fit(numpy.concatenate(rows), right)
    bare = judge.Weights(own.coef_[0], own.intercept_[0], numpy.zeros(len(judge.CONTEXT)), numpy.zeros(len(FEATURES)), 0.0, 1.0, 0.0, 0.0, 0.0)
    seen = {id(p): near(p, bare) for p in pairs}
    rows, right = [], []
    for p in told:
        close, features = seen[id(p)]
        for (i, column), values in zip(close, features):
            if i in p.truth:
                rows.append(values)
                right.append(p.truth[i][0] and p.links.order[column] in p.truth[i][1])
    context = LogisticRegression(class_weight=STEPS["context"], max_iter=3000).fit(numpy.array(rows), right)
    rows, right, strange = [], [], []
    for p in pairs:
        best = ranked(*seen[id(p)], context)
        for i, (covered, _) in p.truth.items():
            rows.append([*[score for score, _ in best[i]], LEAST, LEAST][:2] + [p.kinship])
            right.append(covered)
            strange.append(p.stranger)
    share = STRANGERS * strange.count(False) / max(1, strange.count(True))
    last = LogisticRegression(max_iter=500).fit(numpy.array(rows), right, sample_weight=numpy.where(strange, share, 1.0))
    n = len(judge.CONTEXT)
    return judge.Weights(bare.own, float(bare.own_bias), context.coef_[0][:n], context.coef_[0][n:], float(context.intercept_[0]), *map(float, last.coef_[0]), float(last.intercept_[0]))


def near(p: Pair, w: judge.Weights) -> tuple[list[tuple[int, int]], numpy.ndarray]:
    """The closest statements of each measure with all that the second step looks at."""
    close, context = judge.context_features(p.links, judge.own_evidence(p.links, w), p.statements, p.walk, w.own_bias)
    at = tuple(numpy.array(close, dtype=int).reshape(-1, 2).T)
    return close, numpy.concatenate((context, numpy.where(p.links.linked[at][:, None], p.links.features[at], 0.0)), axis=1)


def ranked(close, features, context: LogisticRegression) -> dict[int, list[tuple[float, int]]]:
    found = defaultdict(list)
    for (i, column), score in zip(close, context.decision_function(features) if len(close) else ()):
        found[i].append((score, column))
    return defaultdict(list, {i: sorted(row, key=lambda one: (-one[0], one[1])) for i, row in found.items()})


def report(pairs: list[Pair]) -> None:
    """Each group under weights fitted on the others."""
    scores = []
    for group in dict.fromkeys(p.group for p in pairs):
        w = fit([p for p in pairs if p.group != group])
        mine = [p for p in pairs if p.group == group and not p.stranger]
        results = [scored(p, w) for p in mine]
        scores += results
        print(f"  {group:12} {len(mine)} plans  macro F1 {numpy.mean([r[0] for r in results]):.3f}  evidence {numpy.mean([r[1] for r in results]):.3f}")
    print(f"  {'all':12} {len(scores)} plans  macro F1 {numpy.mean([r[0] for r in scores]):.3f}  evidence {numpy.mean([r[1] for r in scores]):.3f}")


def scored(p: Pair, w: judge.Weights) -> tuple[float, float]:
    judged, _ = judge.judge(p.links, p.statements, p.walk, w, p.kinship)
    said = {i: judged[i].probability >= 0.5 for i in p.truth}
    both = []
    for positive in (True, False):
        hit = sum(said[i] is positive and covered is positive for i, (covered, _) in p.truth.items())
        wrong = sum(said[i] is not covered for i, (covered, _) in p.truth.items())
        both.append(2 * hit / max(1, 2 * hit + wrong))
    found = [judged[i].link.statement in at for i, (covered, at) in p.truth.items() if covered and said[i] and judged[i].link]
    return sum(both) / 2, sum(found) / max(1, len(found))


def write(fitted: dict[str, judge.Weights]) -> None:
    """New values in the file of weights; what stands about them stays."""
    path = ROOT / "rules" / "coverage" / "judge.yaml"
    values = {}
    for kind, w in fitted.items():
        values |= {f"judge.{kind}.own_{name}": value for name, value in zip(FEATURES, w.own)}
        values |= {f"judge.{kind}.context_{name}": value for name, value in zip((*judge.CONTEXT, *FEATURES), (*w.context, *w.features))}
        values |= {f"judge.{kind}.own_bias": w.own_bias, f"judge.{kind}.context_bias": w.context_bias, f"judge.{kind}.final_best": w.best,
                   f"judge.{kind}.final_second": w.second, f"judge.{kind}.final_kinship": w.kinship, f"judge.{kind}.final_bias": w.bias}
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"id: (judge\.[a-z_.]+), value: [-\d.]+", lambda m: f"id: {m[1]}, value: {round(float(values[m[1]]), 3)}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
