"""The lesson's demonstrations and its page."""
