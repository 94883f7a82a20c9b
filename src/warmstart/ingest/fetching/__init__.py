"""Getting published files: over https only, checked before use, and archives unpacked without harm."""
