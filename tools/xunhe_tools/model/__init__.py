"""`xunhe model`: data, training, evaluation of the models. One command a file."""
