"""The desk: cells, answers, corrections, keys; what was checked before is checked once more, so that it has its cells."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def check_again(apps, schema_editor) -> None:
    job = apps.get_model("web", "Job")
    for campaign in apps.get_model("web", "Campaign").objects.all():
        job.objects.create(campaign=campaign)


class Migration(migrations.Migration):

    dependencies = [
        ('web', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='duties',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='decision',
            name='measure',
            field=models.CharField(blank=True, default='', max_length=50),
        ),
        migrations.AddField(
            model_name='decision',
            name='stamp',
            field=models.CharField(default='', max_length=60),
        ),
        migrations.AddField(
            model_name='job',
            name='due',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made', models.DateTimeField(auto_now_add=True)),
                ('about', models.CharField(max_length=50)),
                ('field', models.CharField(max_length=10)),
                ('value', models.TextField(blank=True, max_length=1000)),
                ('before', models.TextField()),
                ('sentence', models.TextField()),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='web.campaign')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made', models.DateTimeField(auto_now_add=True)),
                ('task', models.CharField(max_length=40)),
                ('text', models.TextField(max_length=2000)),
                ('internal', models.BooleanField(default=False)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ('upload', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remarks', to='web.upload')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='用途')),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('made', models.DateTimeField(auto_now_add=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Cell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task', models.CharField(max_length=40)),
                ('order', models.PositiveIntegerField()),
                ('machine', models.CharField(max_length=20)),
                ('decided', models.CharField(max_length=20)),
                ('doubt', models.FloatField(default=0)),
                ('answered', models.BooleanField(default=False)),
                ('state', models.CharField(default='', max_length=10)),
                ('expires', models.DateField(null=True)),
                ('upload', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cells', to='web.upload')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('upload', 'task'), name='one_cell_a_task')],
            },
        ),
        migrations.RunPython(check_again, migrations.RunPython.noop),
    ]
