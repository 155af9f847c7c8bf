"""Terms and consistency of one account, below `account.py`."""
