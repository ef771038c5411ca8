"""The office: upload town plans, see the gaps, decide. Django, server-rendered, Chinese, offline; extra `[web]`, started by `luoshi serve`.

The way of a file: views → intake (bytes, record and job together) → work (queue in the database, one bounded child process a job) →
checking (the child: `batch` over one campaign) → work records the results → views show the heat-map, the cell, the evidence.

| file | what it does |
|---|---|
| settings.py | everything set from LUOSHI_HOME and DATABASE_URL |
| rights.py | who may do what, the only place that says so; urls.py names the right of every address |
| models.py | Place, User, Lockout, Campaign, Upload, Job, Result, Decision |
| server.py | first start, worker and web server as one process tree |

Next, in this order:
- a decision feeds the check (the decisions file), so that an override changes the reports and survives a re-upload;
- a place corrected by hand reaches the reports (today it moves the plan to another town user only);
- zip uploads; sweep originals that no record names (bytes of an upload whose transaction failed; harmless, but they take room);
- the review queue sorted by doubt with the keyboard, bulk decisions, comments; answers of towns and rounds compared;
- evidence on the page image; corrections of the city plan before a check; rule packs by version;
- the API with tokens and its OpenAPI description; backup, restore, systemd unit; the browser test, load and kill tests;
- wrong tries counted without a gap when they come at once; a child that outlives a killed worker ended (its writing is harmless, its time is not).
"""
