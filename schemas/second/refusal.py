"""How a reader says no: one code of schemas/errors.md, and nothing else.

Apart from everything else, so that each module below can refuse without knowing the others.
"""


class Refused(Exception):
    """Bytes from outside that a reader does not take. `code` is a name of schemas/errors.md."""

    def __init__(self, code: str, why: str = "") -> None:
        super().__init__(f"{code}: {why}" if why else code)
        self.code = code
        self.why = why


class Failed(Exception):
    """A check of the verifier that did not hold: a name of 07-bundle, and a code when the form is at fault."""

    def __init__(self, check: str, why: str = "", code: "str | None" = None) -> None:
        super().__init__(f"{check}: {why}" if why else check)
        self.check = check
        self.code = code


def need(condition: bool, code: str, why: str = "") -> None:
    """Refuses with `code` unless the condition holds."""
    if not condition:
        raise Refused(code, why)
