"""The checks of the audit: each takes a scan and gives its findings."""
