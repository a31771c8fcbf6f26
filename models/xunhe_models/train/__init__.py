"""Training of the models; needs the extra `train` (torch), which nothing else imports."""
