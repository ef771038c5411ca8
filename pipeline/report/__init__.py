"""Values → files. Every writer takes values of `pipeline.model` and gives text or bytes; nobody here opens a path, a clock or a socket.

data: the JSON of the contract · matrix: task list and responsibility matrix · coverage_matrix: what came of each task in each place ·
page: the HTML report · letter: the gap report of one place · office: the report on the round for leader and sections · overview: a few lines for a
terminal.
Beneath them: words (Chinese words, symbols, colours), carriers (units with their tasks), compare (shared words, places), sheets (spreadsheets),
official (the form of official documents), tally (a trace counted by task and measure).
"""
