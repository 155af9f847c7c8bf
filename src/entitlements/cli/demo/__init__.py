"""The run behind the `demo` command: generated requests, their answers, and how they are shown."""
