"""What tells deliveries apart is the body alone: the event is named by a header, which most forges do not sign."""

from django.db import migrations, models


class Migration(migrations.Migration):
    contract = "Only words about the column change; it stays as it is."

    dependencies = [
        ('webhooks', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='digest',
            field=models.CharField(help_text='Of the body: most forges sign nothing else.', max_length=64),
        ),
    ]
