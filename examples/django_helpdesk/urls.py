"""Addresses of the project: the admin, and django-helpdesk for the rest."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("", include("helpdesk.urls"))]
