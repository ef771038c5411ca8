"""The office: upload town plans, see the gaps, decide. Django, server-rendered, Chinese, offline; extra `[web]`, started by `luoshi serve`.

The way of a file: views → intake (bytes, record and job together; a zip plan by plan) → work (queue in the database, one bounded child process a job)
→ checking (the child: every plan of the campaign, corrections under it, decisions over it) → work records the results → ledger draws the cells → views and desk show them.

| file | what it does |
|---|---|
| settings.py | everything set from LUOSHI_HOME and DATABASE_URL |
| rights.py | who may do what, the only place that says so; urls.py names the right of every address |
| models.py | Place, User, Lockout, Campaign, Upload, Job, Result, Cell; the logs Decision, Remark, Correction; Token |
| intake.py, work.py, checking.py | files in; the worker; its child |
| ledger.py | decisions between the database and `pipeline.decisions`; cells and the queue |
| views.py, desk.py, city.py, duties.py, api.py | pages of the campaign; of who reviews; of the city plan; reports and who answers for what; for other programs |
| keeping.py, journal.py | backup and restore; the log |
| server.py | first start, worker and web server as one process tree |

Next, in this order:
- evidence on the pages of OFD, as it is on those of PDF, scans and pictures (`pipeline.ingest.picture`);
- a heat-map by chapter for provinces: beyond sixty towns it goes on to a next page.
"""
