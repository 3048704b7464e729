import os

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sample.settings")

# Static files by the application itself are for a sample; a site lets nginx send them.
application = StaticFilesHandler(get_wsgi_application())
