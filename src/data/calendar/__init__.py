"""What the months of a base decide: its ends, the rhythm of its bills, its silences."""
