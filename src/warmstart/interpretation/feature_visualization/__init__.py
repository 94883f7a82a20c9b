"""Feature visualisation: pictures that excite a filter, made by gradient ascent, beside the photos that do."""
