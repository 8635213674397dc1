"""The setting of each analysis: its parameters, what they may be, and their defaults.

`src.analyses.parameters` reads them from a notebook. A notebook `NN_subject` has its setting in
the module `subject`, as the class `Setting`.
"""
