"""The documented API of Resolve, read from fusionscript-stubs without importing them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

PACKAGE = "fusionscript-stubs"


@dataclass(frozen=True)
class Arity:
    """How many arguments a method takes, without ``self``; ``most`` None is any number."""

    least: int
    most: int | None


@dataclass(frozen=True)
class Stub:
    """Methods by class, with one arity per overload, and what else is written there."""

    methods: dict[str, dict[str, tuple[Arity, ...]]]
    constants: frozenset[str]
    words: dict[str, tuple[str, ...]]
    fields: dict[str, tuple[str, ...]]


def find_stub() -> Path | None:
    """The file of the package that is installed; None if none is."""
    try:
        installed = files(PACKAGE) or []
    except PackageNotFoundError:
        return None
    for file in installed:
        if file.name == "fusionscript.pyi":
            return Path(str(file.locate()))
    return None


def read_stub(path: Path) -> Stub:
    """Everything we compare with."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    methods: dict[str, dict[str, tuple[Arity, ...]]] = {}
    fields: dict[str, tuple[str, ...]] = {}
    words: dict[str, tuple[str, ...]] = {}
    constants: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found: dict[str, tuple[Arity, ...]] = {}
            for child in node.body:
                if isinstance(child, ast.FunctionDef):
                    found[child.name] = (*found.get(child.name, ()), _arity(child))
            methods[node.name] = found
            names = tuple(_names(node))
            fields[node.name] = names
            if node.name == "Resolve":
                constants.update(names)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            words[node.targets[0].id] = _words(node.value)
    return Stub(methods, frozenset(constants), words, fields)


def _names(node: ast.ClassDef) -> list[str]:
    """Of the class's annotated or assigned fields."""
    names = []
    for child in node.body:
        if isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name):
            names.append(child.target.id)
        elif isinstance(child, ast.Assign) and isinstance(child.targets[0], ast.Name):
            names.append(child.targets[0].id)
    return names


def _words(value: ast.expr) -> tuple[str, ...]:
    """The strings of a ``Literal``."""
    return tuple(
        node.value
        for node in ast.walk(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _arity(function: ast.FunctionDef) -> Arity:
    """An argument that may be None can be left out, though the stub gives it no default."""
    arguments = (function.args.posonlyargs + function.args.args)[1:]
    least = len(arguments) - len(function.args.defaults)
    while least and _may_be_none(arguments[least - 1]):
        least -= 1
    return Arity(least, None if function.args.vararg else len(arguments))


def _may_be_none(argument: ast.arg) -> bool:
    written = ast.unparse(argument.annotation) if argument.annotation else ""
    return written.startswith("Optional[") or written.endswith("| None")


def calls_of(path: Path) -> dict[str, int]:
    """Names of methods written the way Resolve writes them, and the line of their first call."""
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            if name[0].isupper() and not name.isupper():
                found.setdefault(name, node.lineno)
    return found
