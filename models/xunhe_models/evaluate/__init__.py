"""How good the models are: sets of pictures, figures with intervals, a page to look at."""
