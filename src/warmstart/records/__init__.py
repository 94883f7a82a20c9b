"""One frozen dataclass for each file that passes between stages; docs/records.md lists them.

A JSON file is a `base.Record`: ``TrainingSummary.read(path)`` and ``summary.write(path)``. Its first key, ``format``,
is the version of the format; a file of another version is refused, and so is one with a missing or unknown key or a
value of another type. A CSV file is a table of `table.Row`: ``ManifestRow.read_rows(path)`` and
``ManifestRow.write_rows(path, rows)``, line by line ``iter_rows`` and ``open_rows``. Errors are a UserError that names
the file and what makes it again.
"""
