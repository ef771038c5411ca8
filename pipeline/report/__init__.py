"""Values → files. Every writer takes values of `pipeline.model` and gives text or bytes; nobody here opens a path, a clock or a socket.

data: the JSON of the contract · matrix: task list and responsibility matrix · coverage_matrix: what came of each task in each place ·
detail: its lines with the reviewer's columns · page: the HTML report · letter: what a place gets (gap report, reminder, closing) · office: the report on the
round for leader and sections · lists: task list, filing list and full detail as documents · overview: a few lines for a terminal · tables, machine: the JSON
of a check for other programs (flat tables; SARIF, JUnit).
Beneath them: words (Chinese words, symbols, colours), rulings (what people decided), carriers (units with their tasks), compare (shared words, places), sheets
(spreadsheets), official (the form of official documents), tally (a trace counted by task and measure). `handout` makes all of them for one round.
"""
