"""The overlap of two bases whose customers are linked, with mistakes."""
