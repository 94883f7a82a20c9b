"""One frozen dataclass for each file that passes between stages: `read` checks it, `write` writes it in one step."""
