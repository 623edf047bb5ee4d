"""Importing aiogram without the validators of its models.

It builds one for each of its thousand models, which takes three seconds and a hundred megabytes
(https://github.com/aiogram/aiogram/issues/1876), and this channel validates nothing with them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel


@contextmanager
def without_validators() -> Iterator[None]:
    """Let models of aiogram that are imported in the block stay without validators."""
    build = BaseModel.model_rebuild.__func__  # type: ignore[attr-defined]

    def build_others(model: type[BaseModel], /, **options: Any) -> bool | None:
        if model.__module__.startswith("aiogram."):
            return None
        frames = options.pop("_parent_namespace_depth", 2) + 1  # this function is one more
        built: bool | None = build(model, _parent_namespace_depth=frames, **options)
        return built

    original = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(build_others)  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        BaseModel.model_rebuild = original  # type: ignore[method-assign]
