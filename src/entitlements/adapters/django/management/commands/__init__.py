"""Commands of `manage.py`: sweep, work, reconcile, load and dump."""
