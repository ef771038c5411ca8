"""What people may send us, checked in one place; messages in Chinese."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.forms import BaseUserCreationForm
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from pipeline.web import rights
from pipeline.web.models import Decision, Lockout, Place, Remark, User

_WRONG, _LOCKED = 5, timedelta(minutes=15)
VERDICTS = (("covered", "覆盖"), ("partial", "部分"), ("missing", "缺失"), ("not_applicable", "不适用"))  # that a person can give


class FirstStartForm(BaseUserCreationForm):
    """The first administrator; the code was printed where the office was started, so that nobody on the network can be faster."""

    code = forms.CharField(label="首次启动码", help_text="启动时显示在服务器窗口，也写在数据文件夹的 first-start-code 中")

    class Meta:
        model = User
        fields = ("username",)

    def clean_code(self) -> str:
        path = settings.HOME / "first-start-code"
        if not path.exists() or not hmac.compare_digest(path.read_text().encode(), self.cleaned_data["code"].strip().encode()):
            raise forms.ValidationError("首次启动码不对；请看启动落实的窗口")
        return self.cleaned_data["code"]


class SignInForm(forms.Form):
    """Name and password; after five wrong tries the name rests for a quarter of an hour, whether it exists or not."""

    username = forms.CharField(label="用户名", max_length=150)
    password = forms.CharField(label="密码", widget=forms.PasswordInput, strip=False)

    def clean(self) -> dict:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not name or not password:
            return self.cleaned_data
        lockout, now = Lockout.objects.get_or_create(username=name)[0], timezone.now()
        ours = Lockout.objects.filter(pk=lockout.pk)
        with transaction.atomic():  # counted before it is tried, and its number read before the next is counted: of tries that come at once five are tried
            ours.filter(until__lte=now).update(wrong=0, until=None)
            ours.update(wrong=F("wrong") + 1)
            lockout.refresh_from_db()
        if lockout.until or lockout.wrong > _WRONG:
            ours.filter(until=None).update(until=now + _LOCKED)
            raise forms.ValidationError("密码连续输错，已暂停登录；请15分钟后再试")
        user = authenticate(username=name, password=password)
        if user is None:
            if lockout.wrong == _WRONG:
                ours.update(until=now + _LOCKED)
            raise forms.ValidationError("用户名或密码不对")
        lockout.delete()
        self.cleaned_data["user"] = user
        return self.cleaned_data


class PersonForm(BaseUserCreationForm):
    place = forms.CharField(label="镇街（镇街用户必填）", max_length=80, required=False)

    class Meta:
        model = User
        fields = ("username", "role")

    def clean(self) -> dict:
        cleaned = super().clean()
        if (cleaned.get("role") == rights.TOWN) != bool(cleaned.get("place")):
            raise forms.ValidationError("镇街用户要写明镇街，其他角色不写")
        return cleaned

    def save(self, commit: bool = True) -> User:
        if self.cleaned_data["place"]:
            self.instance.place = Place.objects.get_or_create(name=self.cleaned_data["place"].strip())[0]
        return super().save(commit)


class CampaignForm(forms.Form):
    title = forms.CharField(label="核查名称", max_length=120)
    due = forms.DateField(label="截止日期", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    towns = forms.CharField(label="应报送的镇街（一行一个）", required=False, widget=forms.Textarea(attrs={"rows": 6}), max_length=20000)
    domain = forms.ChoiceField(label="概念包", help_text="某一领域的词汇；自动：按市级方案的主题选", required=False)
    upper = forms.FileField(label="市级方案", max_length=255)

    def __init__(self, *args, domains: Sequence[tuple[str, str]] = (), **fields):
        super().__init__(*args, **fields)
        self.fields["domain"].choices = [("auto", "自动"), *domains, ("none", "不用")]

    def clean_domain(self) -> str:
        return self.cleaned_data["domain"] or "auto"

    def clean_towns(self) -> list[str]:
        names = list(dict.fromkeys(line.strip() for line in self.cleaned_data["towns"].splitlines() if line.strip()))
        if long := next((name for name in names if len(name) > 80), None):
            raise forms.ValidationError(f"“{long[:20]}……”过长；一行写一个镇街的名称")
        return names


class DecisionForm(forms.ModelForm):
    """A person's word on a task of a plan or one of its measures. `measures` are (id, wording) to choose from; () where the address names the measure."""

    measure = forms.ChoiceField(label="针对", required=False)
    verdict = forms.ChoiceField(label="改判为", choices=(("", "—"), *VERDICTS), required=False)
    expires = forms.DateField(label="说明有效期至", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    class Meta:
        model = Decision
        fields = ("measure", "kind", "verdict", "reason", "expires")
        labels = {"kind": "意见", "reason": "理由"}
        widgets = {"reason": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, measures: Sequence[tuple[str, str]] = (), **fields):
        super().__init__(*args, **fields)
        self.fields["reason"].required = False
        if measures:
            self.fields["measure"].choices = (("", "整项任务"), *measures)
        else:
            del self.fields["measure"]

    def clean(self) -> dict:
        cleaned = super().clean()
        kind = cleaned.get("kind")
        if kind in (Decision.OVERRIDE, Decision.WAIVE) and not cleaned.get("reason", "").strip():
            self.add_error("reason", "改判或同意说明，都要写明理由")
        if (kind == Decision.OVERRIDE) != bool(cleaned.get("verdict")):
            self.add_error("verdict", "改判要选新的结论，其他意见不选")
        elif kind == Decision.OVERRIDE and cleaned["verdict"] == "partial" and (cleaned.get("measure") or "measure" not in self.fields):
            self.add_error("verdict", "一条举措只有覆盖、缺失、不适用；“部分”用于整项任务")
        if (kind == Decision.WAIVE) != bool(cleaned.get("expires")):
            self.add_error("expires", "同意说明要写有效期，其他意见不写")
        return cleaned


class RemarkForm(forms.ModelForm):
    class Meta:
        model = Remark
        fields = ("text",)
        labels = {"text": "内容"}
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
