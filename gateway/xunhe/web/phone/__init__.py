"""The pages of people on the move: chiefs and handlers, on a telephone, with one hand."""
