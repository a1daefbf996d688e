"""What the validators of several tests try a JSON schema with."""


def changes(value, place=""):
    """Copies of a value in which one part is missing, of another type, or one too many."""
    if isinstance(value, dict):
        yield f"{place}/+", {**value, "further": 1}
        for key, inner in value.items():
            yield f"{place}/{key}-", {name: part for name, part in value.items() if name != key}
            for where, changed in changes(inner, f"{place}/{key}"):
                yield where, {**value, key: changed}
    elif isinstance(value, list):
        yield f"{place}[]", {"wrong": 1}
        for index, inner in enumerate(value):
            for where, changed in changes(inner, f"{place}/{index}"):
                yield where, value[:index] + [changed] + value[index + 1:]
    else:
        yield place, {"wrong": 1}
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield f"{place} negative", -1
