"""Places of quotes on paper, the rules a campaign was checked by, what a cell came to; what was checked before is checked once more, so that it has them."""

from django.db import migrations, models


def check_again(apps, schema_editor) -> None:
    job = apps.get_model("web", "Job")
    for campaign in apps.get_model("web", "Campaign").objects.all():
        if not job.objects.filter(campaign=campaign, state="queued").exists():
            job.objects.create(campaign=campaign)


class Migration(migrations.Migration):

    dependencies = [
        ('web', '0002_desk'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='domain',
            field=models.CharField(default='auto', max_length=40, verbose_name='概念包'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='rules',
            field=models.CharField(default='', max_length=64),
        ),
        migrations.AddField(
            model_name='campaign',
            name='domain_used',
            field=models.CharField(default='', max_length=40),
        ),
        migrations.AddField(
            model_name='result',
            name='places',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='cell',
            name='judged',
            field=models.JSONField(default=dict),
        ),
        migrations.RunPython(check_again, migrations.RunPython.noop),
    ]
