"""What is wrong with the run: this file or this rule cannot be used. What is wrong with documents is a `model.Finding`.

Messages are Chinese, one line, in the order where: what is wrong; what to do. `cli` prints them as they are.
"""


class LuoshiError(Exception):
    """Base of all errors that have words for people."""


class UnreadableFile(LuoshiError):
    """An input that no reader can turn into text. The rest of a batch goes on; exit code 3.

    Args:
      name: The file as the user named it.
      problem: What is wrong with it, as seen.
      advice: What the user can do.
    """

    def __init__(self, name: str, problem: str, advice: str):
        super().__init__(f"{name}：{problem}；{advice}")
        self.name, self.problem, self.advice = name, problem, advice

    def __reduce__(self):
        """It comes back from another process as it went."""
        return UnreadableFile, (self.name, self.problem, self.advice)


class RuleError(LuoshiError):
    """A rule pack that cannot be used: it stops everything, since verdicts would rest on it."""
