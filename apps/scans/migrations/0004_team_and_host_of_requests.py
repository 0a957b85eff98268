from urllib.parse import urlsplit

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    Project, Request, Forge = (
        apps.get_model(*name) for name in [("teams", "Project"), ("scans", "ScanRequest"), ("scans", "Forge")]
    )
    Request.objects.update(team=Subquery(Project.objects.filter(pk=OuterRef("project")).values("team")[:1]))
    hosts = {}
    for pk, url in Project.objects.values_list("pk", "url").iterator():
        hosts.setdefault((urlsplit(url).hostname or "") if url.startswith("https://") else "", []).append(pk)
    for host, projects in hosts.items():
        Forge.objects.get_or_create(host=host)
        Request.objects.filter(project__in=projects).update(host=host)


class Migration(migrations.Migration):

    dependencies = [
        ('scans', '0003_fair_queue'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
