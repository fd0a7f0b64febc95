"""gatepost roster: the people of a compound, from a spreadsheet to a gate."""
