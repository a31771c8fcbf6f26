"""The kinds of rules. Each looks at one station's view and says what is wrong, or that it is over.

A rule is data: a table of the rule file with the parameters of its kind. It keeps no state; what it
found and has not cleared is handed to it.
"""
