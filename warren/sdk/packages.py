"""Provider SDKs of which only what is used is imported.

An SDK's package for a cloud's service is an `__init__.py` of `from .<module> import *`, one line for
each resource and function: `ec2.Vpc` costs the import of 180 modules, and three clouds cost more than
all of the rest of an offline plan. With the finder of this module in place, such a package is empty
at first and imports a module when a name of it is asked for. The classes are the SDK's own, made by
the SDK's own modules: what changes is when they are made.

Packages with anything else in their `__init__.py` are imported as ever.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

_STAR = re.compile(r"from \.(\w+) import \*$")
_PLAIN = re.compile(r"from \. import (\w+)$")
_HARMLESS = re.compile(
    r"#|$|[ \t]|import builtins as _builtins$|import typing$|from \.\.+ import _utilities$"
    r"|if typing\.TYPE_CHECKING:$|else:$"
)
_MODULES = "_modules_of_package"
_STARRED = "_starred_modules"


def install() -> None:
    """Makes all imports of SDK packages from now on lazy; those that are imported stay as they are."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith("pulumi_") or "." not in fullname:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader or not spec.origin:
            return None
        if spec.submodule_search_locations is None:
            return spec
        spec.loader = _Loader(fullname, spec.origin)
        return spec


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        found = _modules(self.get_data(self.path).decode())
        if found is None:
            super().exec_module(module)
            return
        starred, plain, rest = found
        exec(compile(rest, self.path, "exec"), module.__dict__)  # noqa: S102 - the package's own text
        module.__dict__[_STARRED] = starred
        module.__dict__[_MODULES] = [*starred, *plain]
        module.__class__ = _Package
        for name in starred:
            # Imported while the package was the SDK's own placeholder (`_utilities.lazy_import`).
            if there := sys.modules.get(f"{module.__name__}.{name}"):
                _take(module, there)


def _modules(source: str) -> tuple[list[str], list[str], str] | None:
    """The modules of which a package's text imports all names, those that it imports as such, and the
    rest of the text; None for a text of another kind."""
    starred: list[str] = []
    plain: list[str] = []
    rest: list[str] = []
    for line in source.splitlines():
        if found := _STAR.match(line):
            starred.append(found[1])
        elif found := _PLAIN.match(line):
            plain.append(found[1])
        elif not _HARMLESS.match(line):
            return None
        rest.append("" if found else line)
    return (starred, plain, "\n".join(rest)) if starred else None


class _Package(ModuleType):
    """A package that gets its members when they are asked for."""

    def __getattr__(self, name: str) -> Any:
        modules: list[str] = self.__dict__[_MODULES]
        if name in modules:
            # A module that imports itself by its package is not a member of it yet.
            module = importlib.import_module(f"{self.__name__}.{name}")
            return self.__dict__.get(name, module)
        # `import *` asks for __all__ first and takes all that is there if there is none.
        if name == "__all__" or not name.startswith("__"):
            for each in [*_likely(name, modules), *modules]:
                importlib.import_module(f"{self.__name__}.{each}")
                if name in self.__dict__:
                    return self.__dict__[name]
        raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        # The import system hands over each submodule that it has imported, whoever wanted it. As
        # after `import *`, its names stand over those of modules: kubernetes has a Pod in Pod.
        starred = name in self.__dict__[_STARRED] and isinstance(value, ModuleType)
        if starred and value.__name__ == f"{self.__name__}.{name}":
            _take(self, value)

    def __dir__(self) -> list[str]:
        for module in self.__dict__[_MODULES]:
            importlib.import_module(f"{self.__name__}.{module}")
        return sorted(self.__dict__)


def _take(package: ModuleType, module: ModuleType) -> None:
    """What `from .module import *` does in a package."""
    if getattr(module.__spec__, "_initializing", False):
        # In the middle of its own import; it is handed over when that is done.
        return
    public = [name for name in vars(module) if not name.startswith("_")]
    names: Sequence[str] = getattr(module, "__all__", public)
    package.__dict__.update({name: getattr(module, name) for name in names})


def _likely(name: str, modules: Sequence[str]) -> Iterator[str]:
    """Modules that may have a name, the likeliest first. A wrong guess costs time, no more."""
    key = name.lower().replace("_", "")
    keys = {key, *(key.removesuffix(end) for end in ("argsdict", "args", "initargs", "output"))}
    keys.add(key.removeprefix("awaitable").removesuffix("result"))
    yield from (module for module in modules if module.lower().replace("_", "") in keys)
    yield from (module for module in ("_enums", "_inputs") if module in modules)
