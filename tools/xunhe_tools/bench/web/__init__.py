"""`xunhe bench web`: the one screen in a real browser, over a county of 500 stations."""
