"""Commands that change a registry or write it out."""
