"""Pictures: one look for lettering, colours, sheets of tiles and charts."""
