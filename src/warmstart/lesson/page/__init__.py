"""The lesson on one page, in its order: pictures, numbers as published and ours, commands, and lines of source code."""
