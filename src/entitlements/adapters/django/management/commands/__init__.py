"""Commands of `manage.py`: sweep, work and reconcile."""
