"""Reading a table as it stands at its source: files of every form, and databases."""
