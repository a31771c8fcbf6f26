"""Finding cameras and reading their addresses, for the list of cameras."""
