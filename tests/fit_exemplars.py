"""Makes rules/domains/exemplars.npz of the example sentences: `make exemplars`.

Every rules/domains/*/exemplars.tsv has lines `kind[,kind…] TAB + TAB sentence` (it is work of these kinds) or `kind TAB - TAB sentence` (it is not, though it looks like it), and
`# kind TAB name` for each kind that is not a concept of a pack. The examples of the concepts themselves belong to it too. For every kind with enough sentences a linear
classifier (a support vector machine) learns which runs of characters tell its sentences from all others; the weights that tell most are kept, in whole steps.
"""

from __future__ import annotations

import hashlib
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pipeline.coverage import exemplars  # noqa: E402
from pipeline.text import fold  # noqa: E402

DOMAINS = ROOT / "rules" / "domains"
FILE = DOMAINS / "exemplars.npz"
FEWEST = 3  # sentences of a kind
FEWEST_TEXTS = 2  # that have a run
KEPT = 800  # weights a kind
TRUE_WEIGHT = 10  # a sentence of the kind counts so much more than another
REACH = 127  # the greatest weight, in steps


def main() -> None:
    sentences, names = read(DOMAINS)
    made = make(sentences, names)
    step = numpy.abs(made.weight).max() / REACH
    numpy.savez_compressed(FILE, kinds=numpy.array(made.kinds), names=numpy.array(made.names), runs=made.runs, rarity=made.rarity.astype(numpy.float32), ends=made.ends.astype(numpy.uint32),
                           kind=made.kind.astype(numpy.uint16), weight=numpy.round(made.weight / step).astype(numpy.int8), step=step, bias=made.bias.astype(numpy.float32),
                           centre=made.centre.astype(numpy.float32), source=source(DOMAINS))
    print(f"{len(made.kinds)} kinds, {len(sentences)} sentences, {len(made.runs)} runs, {len(made.weight)} weights, {FILE.stat().st_size / 1e6:.1f} MB")


def read(domains: Path) -> tuple[dict[str, frozenset[str]], dict[str, str]]:
    """Sentence → its kinds (none for a sentence that only looks like one), in order of the files; kind → name.

    Raises:
      ValueError: A line of another form, or of a kind that nothing names.
    """
    import yaml

    found: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for file in sorted(domains.glob("*/*.yaml")):
        for concept in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader).get("concepts", ()):
            names[concept["id"]] = concept["name"]
            for example in concept["examples"]:
                found.setdefault(example, set()).add(concept["id"])
            for example in concept["counterexamples"]:
                found.setdefault(example["text"], set())
    for file in sorted(domains.glob("*/exemplars.tsv")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            where = f"{file.relative_to(domains)}:{number}"
            fields = line.split("\t")
            if line.startswith("# ") and len(fields) == 2:
                names.setdefault(fields[0][2:], fields[1])
                continue
            if len(fields) != 3 or fields[1] not in ("+", "-"):
                raise ValueError(f"{where}: not `kind TAB + or - TAB sentence`: {line}")
            kinds = fields[0].split(",")
            if unknown := [kind for kind in kinds if kind not in names]:
                raise ValueError(f"{where}: no name for {unknown}")
            found.setdefault(fields[2], set()).update(kinds if fields[1] == "+" else ())
    return {sentence: frozenset(kinds) for sentence, kinds in found.items()}, names


def source(domains: Path) -> str:
    """The hash of all that the weights are made of."""
    sentences, names = read(domains)
    code = Path(__file__).read_bytes() + Path(exemplars.__file__).read_bytes()
    told = "\n".join(f"{sentence}\t{','.join(sorted(kinds))}" for sentence, kinds in sorted(sentences.items()))
    return hashlib.sha256(code + told.encode() + repr(sorted(names.items())).encode()).hexdigest()


def make(sentences: dict[str, frozenset[str]], names: dict[str, str]) -> exemplars.Exemplars:
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    texts = [fold(sentence).lower() for sentence in sentences]
    runs, counts = numpy.unique(exemplars.runs_of(texts)[1], return_counts=True)
    known = counts >= FEWEST_TEXTS
    runs, rarity = runs[known], (numpy.log((len(texts) + 1) / (counts[known] + 1)) + 1).astype(numpy.float32).astype(float)
    none, zero = numpy.zeros(0), numpy.zeros(0, dtype=int)
    rows, at, shares = exemplars.Exemplars((), (), runs, rarity, zero, zero, none, none, none).vectors(texts)
    table = csr_matrix((shares, (rows, at)), shape=(len(texts), len(runs)))
    of: dict[str, list[int]] = defaultdict(list)
    for number, kinds in enumerate(sentences.values()):
        for kind in kinds:
            of[kind].append(number)
    kinds = tuple(sorted(kind for kind, numbers in of.items() if len(numbers) >= FEWEST))
    places, kind, weight, bias = [], [], [], numpy.zeros(len(kinds))
    for position, name in enumerate(kinds):
        right = numpy.zeros(len(texts))
        right[of[name]] = 1
        learned = LinearSVC(class_weight={0: 1, 1: TRUE_WEIGHT}, random_state=0).fit(table, right)
        bias[position] = learned.intercept_[0]
        most = numpy.sort(numpy.argsort(-numpy.abs(learned.coef_[0]), kind="stable")[:KEPT])
        places.append(most)
        kind.append(numpy.full(len(most), position))
        weight.append(learned.coef_[0][most])
    place, kind, weight = (numpy.concatenate(parts) for parts in (places, kind, weight))
    kept = numpy.round(weight / (numpy.abs(weight).max() / REACH)) != 0
    place, kind, weight = place[kept], kind[kept], weight[kept]
    order = numpy.lexsort((kind, place))
    ends = numpy.cumsum(numpy.bincount(place, minlength=len(runs)))
    made = exemplars.Exemplars(kinds, tuple(names[k] for k in kinds), runs, rarity, ends, kind[order], weight[order], bias, numpy.zeros(len(kinds)))
    return replace(made, centre=made.log_odds(texts).mean(axis=0))


if __name__ == "__main__":
    main()
