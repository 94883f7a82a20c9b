"""The lesson on one page, in its order: picture, number as published and ours, command, and the lines of source that do it."""
