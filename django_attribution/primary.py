"""The database that visits are written to. Who is about to write reads there too: a replica may lag behind."""

from django.db import router

from django_attribution.models import Identity


def primary() -> str:
    """Name it; a site's routers may have it differ from where reports are read."""
    return router.db_for_write(Identity)
