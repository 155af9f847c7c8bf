"""Glue between django-helpdesk and entitlements."""
