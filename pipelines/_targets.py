"""Whether what an option file names by ``_target_`` exists, and takes the arguments that the file gives it."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any, get_type_hints

from pydantic import ConfigDict, PydanticSchemaGenerationError, PydanticUserError, TypeAdapter, ValidationError

from warmstart.config.check import spelled
from warmstart.config.synonyms import SYNONYMS
from warmstart.config.target import TARGET, Target
from warmstart.errors import UserError
from warmstart.text.near_names import did_you_mean


def check_target(key: str, node: Any, supplied: Collection[str] = (), reserved: Collection[str] = ()) -> None:
    """Refuse (UserError) a node whose target does not exist, or does not take its arguments.

    key: of the node in the configuration. supplied: arguments that a training gives. reserved: keys of the node that
    are no arguments.
    """
    if not isinstance(node, Mapping):
        raise UserError(f"{key} is {spelled(node)}; it names a class by {key}.{TARGET}")
    target = Target.of(node)
    if target is None:
        raise UserError(f"{key}.{TARGET} is missing: it names a class, as option files of conf/{key.split('.')[0]} do")
    arguments = {name: value for name, value in target.arguments.items() if name not in reserved}
    check_arguments(key, target.path, locate(key, target.path), arguments, supplied)
    for name, value in arguments.items():
        for place, item in _items(f"{key}.{name}", value):
            if isinstance(item, Mapping) and TARGET in item:
                check_target(place, item)


def locate(key: str, path: str) -> Any:
    """The class or function of a dotted path. Raises UserError where there is none."""
    module, _, name = path.rpartition(".")
    place = f"{key}.{TARGET} is {path}"
    if not module:
        raise UserError(f"{place}; it is a dotted path, such as torch.optim.AdamW")
    package = module.partition(".")[0]
    if find_spec(package) is None:
        raise UserError(
            f"{place}: there is no package {package}; where it is published under this name, `pip install {package}` "
            "brings it, and a module of your own goes into src/"
        )
    try:
        owner = import_module(module)
    except ModuleNotFoundError as error:
        if error.name and not module.startswith(error.name):
            raise UserError(f"{place}: it needs the package {error.name}, which is not installed") from None
        raise UserError(f"{place}: {package} has no module {module}") from None
    found = getattr(owner, name, None)
    if not callable(found):
        public = [other for other in dir(owner) if callable(getattr(owner, other)) and not other.startswith("_")]
        raise UserError(f"{place}: {module} has no {name}; {did_you_mean(name, public)}".rstrip("; "))
    return found


def check_arguments(
    key: str, path: str, made: Any, arguments: Mapping[str, Any], supplied: Collection[str] = ()
) -> None:
    """Refuse (UserError) arguments that ``made`` does not take, lacks, or takes with another type."""
    try:
        parameters = inspect.signature(made).parameters
    except (TypeError, ValueError):  # of a class written in C
        return
    takes = [name for name, each in parameters.items() if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
    takes = [name for name in takes if name not in supplied]
    anything = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    for name in arguments:
        if name not in takes and not anything and not name.startswith("_"):
            meant = SYNONYMS.get(name.lower(), "").rpartition(".")[2]
            hint = f"did you mean {meant}?" if meant in takes else did_you_mean(name, takes)
            takes_words = f"it takes {', '.join(takes)}"
            raise UserError(f"{key}.{name}: {path} takes no {name}; {hint or takes_words}")
    for name in takes:
        if parameters[name].default is inspect.Parameter.empty and name not in arguments:
            raise UserError(f"{key}.{name} is missing: {path} needs it")
    hints = _hints(made)
    for name, value in arguments.items():
        if name in hints and not _has_target(value) and not _fits(hints[name], value):
            raise UserError(f"{key}.{name} is {spelled(value)}; {path} takes {_shown(hints[name])}")


@contextmanager
def refused(key: str) -> Iterator[None]:
    """Raise as UserError what a class says against the values that it is given. key: of its node."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", message=r"Argument\(s\) .* not valid")  # of albumentations
            yield
    except UserError:
        raise
    except Exception as error:  # of any kind: the class is somebody else's
        cause = error.__cause__ if type(error).__module__.startswith("hydra") and error.__cause__ else error
        if found := _validation_error(cause):  # of albumentations
            first = found.errors()[0]
            name = ".".join([key, *map(str, first["loc"])])
            raise UserError(f"{name} is {spelled(first['input'])}: {first['msg']}") from None
        raise UserError(f"{key}: {' '.join(str(cause).split())[:300]}") from None


def _validation_error(error: BaseException | None) -> ValidationError | None:
    while error is not None and not isinstance(error, ValidationError):
        error = error.__cause__ or error.__context__
    return error


def _items(key: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, list):
        return [(f"{key}[{number}]", item) for number, item in enumerate(value)]
    return [(key, value)]


def _has_target(value: Any) -> bool:
    return any(isinstance(item, Mapping) and TARGET in item for _, item in _items("", value))


def _hints(made: Any) -> dict[str, Any]:
    try:
        return get_type_hints(made.__init__ if inspect.isclass(made) else made)
    except Exception:  # hints may name what is imported for type checkers only
        return {}


def _fits(hint: Any, value: Any) -> bool:
    """Whether a value of plain data has a type. What cannot be checked has it."""
    try:
        adapter = TypeAdapter(hint, config=ConfigDict(arbitrary_types_allowed=True))
    except (PydanticUserError, PydanticSchemaGenerationError):
        return True
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        return all(each["type"] == "is_instance_of" for each in error.errors())
    except Exception:
        return True
    return True


def _shown(hint: Any) -> str:
    return str(getattr(hint, "__name__", hint) if inspect.isclass(hint) else hint).replace("typing.", "")
