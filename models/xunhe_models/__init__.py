"""Detection models of xunhe. Empty until the first trained model lands."""
