"""Values → files. Every writer takes values of `pipeline.model` and gives text or bytes; nobody here opens a path, a clock or a socket.

data: the JSON of the contract · matrix: spreadsheets and CSV · page: the HTML report · letter: the gap report of one place as an official document ·
overview: a few lines for a terminal · words: the Chinese words, symbols and colours that all of them share.
"""
