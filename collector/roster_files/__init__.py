"""Roster files: spreadsheets of residents, read with every mistake named by line and column, and written.

One way through, each step a file: ``table_file`` (bytes to lines of cells, by ``csv_text`` or ``xlsx_book``),
``headings``, ``person_row`` (one line, by ``cells``), ``homes``, ``duplicates``, ``people`` (all of it: lines to
people and problems). ``difference`` and ``preview`` say what an import would change; ``written`` goes the other
way; ``sample`` makes up a compound. Only table_file and the commands touch files. docs/roster.md is for those
who fill the spreadsheet in.
"""
