import os

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sample.settings")

# Static files by the application itself are for a sample; a site lets nginx send them.
application = ASGIStaticFilesHandler(get_asgi_application())
