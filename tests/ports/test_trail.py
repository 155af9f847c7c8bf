from __future__ import annotations

import inspect

from entitlements.ports import trail


def test_every_method_says_what_it_does() -> None:
    protocols = [each for _, each in inspect.getmembers(trail, inspect.isclass)]
    own = [each for each in protocols if each.__module__ == trail.__name__]
    silent = [
        f"{each.__name__}.{name}"
        for each in own
        for name, method in vars(each).items()
        if inspect.isfunction(method) and name[0] != "_" and not method.__doc__
    ]
    assert len(own) == 4
    assert silent == []
