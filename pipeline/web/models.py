"""What the office keeps. Original bytes lie under HOME/originals by hash; everything else is here."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

from pipeline.web import rights


class Place(models.Model):
    """A town, street or zone that writes a lower plan, by the name on its documents."""

    name = models.CharField("镇街", max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person with one role; `place` only for town users."""

    role = models.CharField("角色", max_length=20, choices=rights.ROLES, default=rights.READER)
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, verbose_name="镇街")


class Lockout(models.Model):
    """Wrong tries of one user name, kept for names that do not exist, too: the page must not tell them apart."""

    username = models.CharField(max_length=150, unique=True)
    wrong = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(null=True)


class Campaign(models.Model):
    """One check (核查): a city plan, the towns asked, a due date. `tasks` is the city plan as last read (extract/1 tasks)."""

    title = models.CharField("名称", max_length=120)
    due = models.DateField("截止日期", null=True, blank=True)
    places = models.ManyToManyField(Place, blank=True, verbose_name="应报送的镇街")
    upper_name = models.CharField(max_length=255)
    upper_sha256 = models.CharField(max_length=64)
    tasks = models.JSONField(default=list)
    duties = models.JSONField(default=list)  # check/1 `upper.duties`: what decisions rest on
    reports = models.JSONField(default=list)  # paths relative to the campaign's report folder; nothing else there is served
    domain = models.CharField("概念包", max_length=40, default="auto")  # as chosen: a pack's name, auto or none
    rules = models.CharField(max_length=64, default="")  # what the last check went by: digest of the rules and the program; "" before the first
    domain_used = models.CharField(max_length=40, default="")  # and the concept pack that it took
    created = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.PROTECT)


class Upload(models.Model):
    """One town plan as sent. Never changed but in its state; a new version is a new upload."""

    WAITING, CHECKED, REFUSED, REPLACED = "waiting", "checked", "refused", "replaced"
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="uploads")
    place = models.ForeignKey(Place, models.PROTECT, null=True)  # None until the document, its sender or the office says
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, default=WAITING, choices=((WAITING, "待核对"), (CHECKED, "已核对"), (REFUSED, "未能读取"), (REPLACED, "已有新版本")))
    problem = models.TextField(default="")  # why it was refused, and what to do
    sent = models.DateTimeField(auto_now_add=True)
    sent_by = models.ForeignKey(User, models.PROTECT)


class Job(models.Model):
    """A check of one campaign in the queue. `holder` is the worker's random word: who does not hold the job any more records nothing."""

    QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="jobs")
    state = models.CharField(max_length=10, default=QUEUED, choices=((QUEUED, "排队中"), (RUNNING, "核对中"), (DONE, "已完成"), (FAILED, "未完成")))
    holder = models.CharField(max_length=40, default="")
    alive = models.DateTimeField(null=True)  # last sign of the worker
    tries = models.PositiveIntegerField(default=0)
    problem = models.TextField(default="")
    queued = models.DateTimeField(auto_now_add=True)
    due = models.DateTimeField(default=timezone.now)  # not before: decisions wait a while for more of them


class Result(models.Model):
    """What the check says of one upload: its entry in check/1 `lowers`, the canonical text that offsets count in, its letter's path among the reports."""

    upload = models.OneToOneField(Upload, models.CASCADE)
    verdict = models.JSONField()
    text = models.TextField()
    letter = models.CharField(max_length=255, default="")
    places = models.JSONField(default=dict)  # "start-end" of each quote → [[page, left, top, right, bottom], …], see `model.Place`; {} where nobody knows


class Cell(models.Model):
    """One task of one checked plan, as the heat-map and the queue need it: made from the result and the decisions, and made again whenever one of them changes.

    `machine` and `decided` are verdicts of the contract, equal where nobody decided otherwise. `doubt` is 0 where no person need look, up to 1.
    """

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="cells")
    task = models.CharField(max_length=40)
    order = models.PositiveIntegerField()  # of the task in the city plan
    machine = models.CharField(max_length=20)
    decided = models.CharField(max_length=20)
    doubt = models.FloatField(default=0)
    answered = models.BooleanField(default=False)  # the town has written since the last decision
    state = models.CharField(max_length=10, default="")  # of the latest decision: accepted, standing, suspect, expired; "" where there is none
    expires = models.DateField(null=True)  # the first day on which one of its waivers ends
    judged = models.JSONField(default=dict)  # the task's entry of check/1 with decisions laid over: what one measure over all towns is shown from

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "task"], name="one_cell_a_task")]


class Log(models.QuerySet):
    """Rows that nobody changes or erases, in bulk neither."""

    def update(self, **fields) -> int:
        raise ValueError("a line of a log is never changed: add another")

    def delete(self) -> tuple:
        raise ValueError("a line of a log is never erased")


class Entry(models.Model):
    """A line of a log: added, never changed or erased."""

    objects = Log.as_manager()
    made = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(User, models.PROTECT)

    class Meta:
        abstract = True

    def save(self, *args, **fields) -> None:
        if self.pk is not None:
            raise ValueError("a line of a log is never changed: add another")
        super().save(*args, **fields)

    def delete(self, *args, **fields) -> None:
        raise ValueError("a line of a log is never erased")


class Decision(Entry):
    """What a person said of one task of one plan, or of one measure of it. The latest of its place counts, also for the place's next version."""

    ACCEPT, OVERRIDE, WAIVE = "accept", "override", "waive"
    upload = models.ForeignKey(Upload, models.PROTECT, related_name="decisions")
    task = models.CharField(max_length=40)
    measure = models.CharField(max_length=50, default="", blank=True)  # "" for the whole task
    kind = models.CharField(max_length=10, choices=((ACCEPT, "同意机器结论"), (OVERRIDE, "改判"), (WAIVE, "同意说明（不计缺失）")))
    verdict = models.CharField(max_length=20, default="")  # for an override
    reason = models.TextField(default="")
    expires = models.DateField(null=True)  # for a waiver
    stamp = models.CharField(max_length=60, default="")  # of what it was decided on, see `decisions.stamp`


class Remark(Entry):
    """A comment of the office, seen by the office, or a town's answer to a gap, seen by both."""

    upload = models.ForeignKey(Upload, models.PROTECT, related_name="remarks")
    task = models.CharField(max_length=40)
    text = models.TextField(max_length=2000)
    internal = models.BooleanField(default=False)


class Correction(Entry):
    """What a person put right in the reading of the city plan, see `corrections.Correction`; the latest of a field counts."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="corrections")
    about = models.CharField(max_length=50)
    field = models.CharField(max_length=10)
    value = models.TextField(max_length=1000, blank=True)
    before = models.TextField()  # as it was read, or corrected before
    sentence = models.TextField()  # of the city plan, for who learns from it


class Token(models.Model):
    """A key for another program, which may what its person may. Kept as a hash: who reads the table cannot use it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField("用途", max_length=80)
    sha256 = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField(auto_now_add=True)
