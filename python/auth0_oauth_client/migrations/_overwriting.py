"""What the migrations behind this one change or take away is gone from the file too [STOR-08]:
SQLite, unless it was built otherwise, leaves it in pages that it does not use any more."""

from django.db import migrations


def _overwrite(apps, editor):
    if editor.connection.vendor == "sqlite":
        editor.execute("PRAGMA secure_delete = ON")


def overwriting():
    """An operation that begins it, for as long as the connection lasts."""
    return migrations.RunPython(_overwrite, migrations.RunPython.noop)
