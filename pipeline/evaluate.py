"""How good is it: verdicts against truth files, in the terms of the contract.

A truth file says for each measure of the upper document whether the lower one covers it, by which sentences, and which figures and anomalies it holds.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import flow
from pipeline.project import find_cities
from pipeline.errors import LuoshiError
from pipeline.model import CoverageTrace, LowerCoverage, Verdict
from pipeline.text import bare

# The kinds that are planted and read for; other findings are right or wrong unseen.
PLANTED = ("deadline_later", "unit_missing", "modality_weakened", "copied_not_localised", "target_escalated", "contradiction", "unit_obsolete")
_VERDICTS = ("covered", "partial", "missing")


@dataclass
class Tally:
    """True positives, false positives, false negatives."""

    hit: int = 0
    extra: int = 0
    missed: int = 0

    def ratios(self) -> dict[str, float]:
        precision = self.hit / (self.hit + self.extra) if self.hit + self.extra else 1.0
        recall = self.hit / (self.hit + self.missed) if self.hit + self.missed else 1.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4), "n": self.hit + self.missed}


@dataclass
class Result:
    """`scores` by line name; `errors` one Chinese line each, with the reason that the judge gave."""

    scores: dict[str, object]
    errors: list[str] = field(default_factory=list)


Pairs = list[tuple[LowerCoverage, dict]]  # a checked lower document and what a careful reader says of it


def evaluate(line: flow.Line, folder: Path, upper: Path | None, domain: str) -> Result:
    """Check every lower document of `folder` that has a truth file beside it, and score. Raises LuoshiError where there is none."""
    return score(*check_pairs(line, folder, upper, domain))


def check_pairs(line: flow.Line, folder: Path, upper: Path | None, domain: str) -> tuple[CoverageTrace, Pairs]:
    """The coverage of every lower document of `folder` that has a truth file beside it, with that truth. Raises as `evaluate`."""
    truths = {path.name.removesuffix(".truth.json"): json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.truth.json"))}
    truths = {stem: truth for stem, truth in truths.items() if "measures" in truth}
    if upper is None:
        upper = find_cities(folder)[0].upper
    paths = [next((p for p in sorted(folder.glob(f"{stem}.*")) if not p.name.endswith(".json")), None) for stem in truths]
    pairs = [(path, truth) for path, truth in zip(paths, truths.values()) if path is not None]
    if not pairs:
        raise LuoshiError(f"{folder}：没有成对的方案和真值（名称.txt 与 名称.truth.json）")
    read, refused = flow.read_plans(line, [path for path, _ in pairs])
    if refused:
        raise refused[0]
    trace = flow.check_plans(line, flow.read_plan(line, upper), read, domain)
    by_file = {lower.extraction.document.source.name: lower for lower in trace.lowers}
    return trace, [(by_file[path.name], truth) for path, truth in pairs]


def score(trace: CoverageTrace, pairs: Pairs, evidence: bool = True) -> Result:
    """The scores of `pairs`; without `evidence` quotes are not compared, and its line says 0."""
    covered, gap, quotes, targets = Tally(), Tally(), Tally(), Tally()
    confusion: Counter[tuple[str, str]] = Counter()
    findings: dict[str, Tally] = {}
    sure: list[tuple[float, bool]] = []
    result = Result({})
    texts = {m.id: m.text for task in trace.upper.tasks for m in task.measures}
    for lower, truth in pairs:
        mine = {m.id: m for task in lower.tasks for m in task.measures}
        verdicts = {task.id: task.verdict for task in lower.tasks}
        by_task: dict[str, list[bool]] = {}
        for id_, wanted in truth["measures"].items():
            if not wanted.get("binds_lower", True):
                continue
            want = bool(wanted["covered"])
            got = mine.get(id_)
            have = bool(got and got.covered)
            by_task.setdefault(id_.rsplit("-", 1)[0], []).append(want)
            _count(covered, want, have)
            _count(gap, not want, not have)
            if got is not None:
                sure.append((got.confidence, want == have))
            if evidence and want and have:
                right = any(alike(e.text, quote) >= 0.5 for e in got.evidence for quote in wanted["evidence"])
                quotes.hit += right
                quotes.extra += not right
            if want != have:
                said = (wanted["evidence"] or ["（无）"])[0]
                result.errors.append(f"{lower.name} {id_} 应为{'落实' if want else '缺口'}：{texts.get(id_, '')[:60]}｜真值：{said[:60]}｜判断：{got.reason if got else '没有这条举措'}")
        for id_, flags in by_task.items():
            share = sum(flags) / len(flags)
            confusion["covered" if share >= 0.6 else "missing" if share == 0 else "partial", verdicts.get(id_, Verdict.MISSING).value] += 1
        want_numbers = Counter((t["id"], float(t["value"])) for t in truth.get("targets", []) if t.get("id"))
        have_numbers = Counter((t.id, float(t.value)) for task in lower.tasks for t in task.targets if t.status == "stated" and t.value is not None)
        shared = sum((want_numbers & have_numbers).values())
        targets.hit += shared
        targets.extra += sum(have_numbers.values()) - shared
        targets.missed += sum(want_numbers.values()) - shared
        _score_findings(lower, truth.get("anomalies", []), findings, result.errors)
    per = {}
    for label in _VERDICTS:
        per[label] = Tally(confusion[label, label], sum(confusion[x, label] for x in _VERDICTS if x != label), sum(n for (a, b), n in confusion.items() if a == label and b != label)).ratios()
    every = Tally(*(sum(getattr(t, name) for t in findings.values()) for name in ("hit", "extra", "missed")))
    sure.sort(key=lambda item: item[0])
    result.scores = {
        "domain": trace.domain, "towns": len(pairs),
        "measure_macro_f1": round((covered.ratios()["f1"] + gap.ratios()["f1"]) / 2, 4), "covered": covered.ratios(), "gaps": gap.ratios(),
        "evidence_right": round(quotes.hit / (quotes.hit + quotes.extra), 4) if quotes.hit + quotes.extra else 0.0,
        "task_macro_f1": round(sum(per[label]["f1"] for label in _VERDICTS) / 3, 4), "tasks": per, "targets": targets.ratios(),
        "findings": {kind: tally.ratios() for kind, tally in sorted(findings.items())}, "findings_all": every.ratios(),
        "error_left_after_review": {f"{q}%": round(sum(not ok for _, ok in sure[len(sure) * q // 100 :]) / max(1, len(sure) - len(sure) * q // 100), 4) for q in (0, 5, 10, 15)},
        "calibration": [{"confidence": f"{low / 10:.1f}—{low / 10 + 0.1:.1f}", "n": len(bin_), "right": round(sum(ok for _, ok in bin_) / len(bin_), 3)}
                        for low in range(5, 10) if (bin_ := [item for item in sure if low / 10 <= item[0] < low / 10 + 0.1])],
    }
    return result


def _count(tally: Tally, want: bool, have: bool) -> None:
    tally.hit += want and have
    tally.extra += have and not want
    tally.missed += want and not have


def _score_findings(lower: LowerCoverage, anomalies: list[dict], tallies: dict[str, Tally], errors: list[str]) -> None:
    """An anomaly marked optional is arguable: finding it is no error, missing it neither."""
    found: dict[str, list[str]] = {}
    for finding in lower.findings:
        if finding.rule in PLANTED:
            found.setdefault(finding.rule, []).append(finding.evidence.text if finding.evidence else "")
    for anomaly in anomalies:
        if anomaly["kind"] not in PLANTED or anomaly.get("optional"):
            continue
        hit = any(alike(text, anomaly["evidence"]) >= 0.5 for text in found.get(anomaly["kind"], []))
        tally = tallies.setdefault(anomaly["kind"], Tally())
        tally.hit += hit
        tally.missed += not hit
        if not hit:
            errors.append(f"{lower.name} 未发现 {anomaly['kind']}：{anomaly['evidence'][:60]}")
    for kind, texts in found.items():
        known = [a["evidence"] for a in anomalies if a["kind"] == kind]
        for text in texts:
            if not any(alike(text, evidence) >= 0.5 for evidence in known):
                tallies.setdefault(kind, Tally()).extra += 1
                errors.append(f"{lower.name} 清单之外的 {kind}：{text[:60]}")


def alike(left: str, right: str) -> float:
    """The longest common run, as a share of the shorter text."""
    a, b = sorted((bare(left), bare(right)), key=len)
    if not a:
        return 0.0
    best, previous = 0, [0] * (len(b) + 1)
    for x in a:
        row = [0] * (len(b) + 1)
        for j, y in enumerate(b, 1):
            if x == y:
                row[j] = previous[j - 1] + 1
                best = max(best, row[j])
        previous = row
    return best / len(a)


def score_lines(result: Result) -> list[str]:
    """The scores in Chinese, a line each."""
    s = result.scores
    lines = [f"语料：{s['towns']}份下位文件；概念包 {s['domain']}",
             f"举措 macro F1 {s['measure_macro_f1']:.3f}　缺口 准确率 {s['gaps']['precision']:.3f} 召回率 {s['gaps']['recall']:.3f}　证据正确 {s['evidence_right']:.3f}",
             f"任务 macro F1 {s['task_macro_f1']:.3f}　指标 F1 {s['targets']['f1']:.3f}　问题 准确率 {s['findings_all']['precision']:.3f} 召回率 {s['findings_all']['recall']:.3f}"]
    lines += [f"  {kind}：准确率 {t['precision']:.2f} 召回率 {t['recall']:.2f}（{t['n']}处）" for kind, t in s["findings"].items()]
    lines.append("人工复核最没把握的一部分后，其余的差错率：" + "　".join(f"复核{q} {share:.3f}" for q, share in s["error_left_after_review"].items()))
    lines.append("把握与实际：" + "　".join(f"{b['confidence']} 实际{b['right']:.2f}（{b['n']}）" for b in s["calibration"]))
    return lines


def compare_lines(ours: Result, others: dict[str, Result]) -> list[str]:
    """Ours and each baseline, a line each, in Chinese."""
    lines = ["与相似度基线比较（同一次运行；基线门槛取自其余各镇的真值）："]
    for name, result in (("本程序", ours), *others.items()):
        s = result.scores
        lines.append(f"  {name}：举措 macro F1 {s['measure_macro_f1']:.3f}　缺口 F1 {s['gaps']['f1']:.3f}（准确率 {s['gaps']['precision']:.3f} 召回率 {s['gaps']['recall']:.3f}）"
                     f"　任务 macro F1 {s['task_macro_f1']:.3f}　证据正确 {s['evidence_right']:.3f}")
    return lines
